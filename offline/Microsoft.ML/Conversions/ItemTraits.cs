using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>What a table of values must know of its item type: equality, order, missing values, text and bytes.</summary>
internal sealed record ItemTraits<T>(
    IEqualityComparer<T> Equality, IComparer<T> Order, Func<T, bool> IsMissing, Func<T, T> Own,
    Func<T, string> Text, Action<BinaryWriter, T> Write, Func<BinaryReader, T> Read);

internal static class ItemTraits
{
    /// <summary>Kinds of data whose values can become keys.</summary>
    internal static bool Has(DataKind kind) => kind is >= DataKind.SByte and <= DataKind.Boolean;

    internal static object Of(DataKind kind) => kind switch
    {
        DataKind.SByte => Plain<sbyte>((w, v) => w.Write(v), r => r.ReadSByte()),
        DataKind.Byte => Plain<byte>((w, v) => w.Write(v), r => r.ReadByte()),
        DataKind.Int16 => Plain<short>((w, v) => w.Write(v), r => r.ReadInt16()),
        DataKind.UInt16 => Plain<ushort>((w, v) => w.Write(v), r => r.ReadUInt16()),
        DataKind.Int32 => Plain<int>((w, v) => w.Write(v), r => r.ReadInt32()),
        DataKind.UInt32 => Plain<uint>((w, v) => w.Write(v), r => r.ReadUInt32()),
        DataKind.Int64 => Plain<long>((w, v) => w.Write(v), r => r.ReadInt64()),
        DataKind.UInt64 => Plain<ulong>((w, v) => w.Write(v), r => r.ReadUInt64()),
        DataKind.Single => Plain<float>((w, v) => w.Write(v), r => r.ReadSingle(), float.IsNaN),
        DataKind.Double => Plain<double>((w, v) => w.Write(v), r => r.ReadDouble(), double.IsNaN),
        DataKind.Boolean => new ItemTraits<bool>(EqualityComparer<bool>.Default, Comparer<bool>.Default, _ => false, v => v,
            v => v ? "1" : "0", (w, v) => w.Write(v), r => r.ReadBoolean()),
        DataKind.String => new ItemTraits<ReadOnlyMemory<char>>(TextComparer.Ordinal, TextComparer.Ordinal, v => v.IsEmpty, v => v.ToString().AsMemory(),
            v => v.ToString(), (w, v) => w.Write(v.ToString()), r => r.ReadString().AsMemory()),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Values of this kind cannot become keys."),
    };

    private static ItemTraits<T> Plain<T>(Action<BinaryWriter, T> write, Func<BinaryReader, T> read, Func<T, bool> isMissing = null)
        where T : struct, IFormattable =>
        new(EqualityComparer<T>.Default, Comparer<T>.Default, isMissing ?? (_ => false), v => v,
            v => v.ToString(null, CultureInfo.InvariantCulture), write, read);
}

/// <summary>Compares texts by their characters' codes.</summary>
internal sealed class TextComparer : IEqualityComparer<ReadOnlyMemory<char>>, IComparer<ReadOnlyMemory<char>>
{
    internal static readonly TextComparer Ordinal = new();

    public bool Equals(ReadOnlyMemory<char> x, ReadOnlyMemory<char> y) => x.Span.SequenceEqual(y.Span);
    public int GetHashCode(ReadOnlyMemory<char> text) => string.GetHashCode(text.Span);
    public int Compare(ReadOnlyMemory<char> x, ReadOnlyMemory<char> y) => x.Span.SequenceCompareTo(y.Span);
}
