using System.Globalization;
using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Converts single values. Whole numbers that do not fit wrap; text that is no number is NaN, or an error where there is none.</summary>
internal static class ValueConversion
{
    internal static bool Exists(DataViewType from, bool isKey, PrimitiveDataViewType to) => isKey
        ? KeyDataViewType.IsValidDataType(to.RawType)
        : Convertible(from) && Convertible(to);

    private static bool Convertible(DataViewType type) => type is NumberDataViewType or BooleanDataViewType or TextDataViewType;

    /// <summary>A <c>Func&lt;from, to&gt;</c>.</summary>
    internal static Delegate Of(Type from, Type to)
    {
        if (from == to) return Call(nameof(Same), from);
        if (from == typeof(bool)) return to == typeof(ReadOnlyMemory<char>) ? (bool v) => (v ? "1" : "0").AsMemory() : Call(nameof(FromBool), to);
        if (from == typeof(ReadOnlyMemory<char>)) return to == typeof(bool) ? TextToBool : Call(nameof(FromText), to);
        if (to == typeof(bool)) return Call(nameof(ToBool), from);
        if (to == typeof(ReadOnlyMemory<char>)) return Call(nameof(ToText), from);
        return Call(nameof(Number), from, to);
    }

    private static Delegate Call(string method, params Type[] types) => (Delegate)TypedCall.Invoke(typeof(ValueConversion), method, null, types);

    private static Func<T, T> Same<T>() => v => v;
    private static Func<TFrom, TTo> Number<TFrom, TTo>() where TFrom : INumber<TFrom> where TTo : INumber<TTo> => TTo.CreateTruncating;
    private static Func<bool, T> FromBool<T>() where T : INumber<T> => v => v ? T.One : T.Zero;
    private static Func<T, bool> ToBool<T>() where T : INumber<T> => v => v != T.Zero;
    private static Func<T, ReadOnlyMemory<char>> ToText<T>() where T : INumber<T> => v => v.ToString(null, CultureInfo.InvariantCulture).AsMemory();

    private static Func<ReadOnlyMemory<char>, T> FromText<T>() where T : INumber<T> => text =>
    {
        if (T.TryParse(text.Span, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) return value;
        var missing = T.CreateTruncating(double.NaN);
        if (T.IsNaN(missing) || text.Span.IsWhiteSpace()) return missing;
        throw new InvalidOperationException($"'{text}' is no {typeof(T).Name}.");
    };

    private static readonly Func<ReadOnlyMemory<char>, bool> TextToBool = text => text.Span.Trim() switch
    {
        "1" or "true" or "True" or "yes" or "+1" or "+" => true,
        "" or "0" or "false" or "False" or "no" or "-1" or "-" => false,
        var other => throw new InvalidOperationException($"'{other}' is no boolean."),
    };
}
