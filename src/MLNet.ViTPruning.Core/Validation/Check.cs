using System.Globalization;
using System.Runtime.CompilerServices;

namespace MLNet.ViTPruning.Validation;

/// <summary>Checks of options. Each returns null or one sentence; <see cref="All"/> throws every fault in one exception.</summary>
internal static class Check
{
    public static void All(params ReadOnlySpan<string?> faults)
    {
        var found = new List<string>();
        foreach (var fault in faults)
            if (fault is not null) found.Add(fault);
        if (found.Count > 0) throw new ArgumentException(string.Join(" ", found));
    }

    public static string? InRange(double value, double lower, double upper, bool lowerExclusive = false, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        bool ok = double.IsFinite(value) && value <= upper && (lowerExclusive ? value > lower : value >= lower);
        return ok ? null : Text($"{name} is {value}; expected a value in {(lowerExclusive ? '(' : '[')}{lower}, {upper}].");
    }

    public static string? AtLeast(long? value, long minimum, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value is null || value >= minimum ? null : Text($"{name} is {value}; expected at least {minimum}.");

    public static string? NotEmpty(string? value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        string.IsNullOrWhiteSpace(value) ? $"{name} is empty; expected a name." : null;

    public static string? Defined<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "") where T : struct, Enum =>
        Enum.IsDefined(value) ? null : $"{name} is {value}; expected one of {string.Join(", ", Enum.GetNames<T>())}.";

    /// <summary>A fault where a value was set that nothing comes of. What cannot be told from the default passes.</summary>
    public static string? HasEffect<T>(bool has, T value, T usual, string where, [CallerArgumentExpression(nameof(value))] string name = "") =>
        has || EqualityComparer<T>.Default.Equals(value, usual) ? null : Text($"{name} is {value}; it has an effect {where} only: leave it at {(object?)usual ?? "null"}.");

    public static string? That(bool ok, string fault) => ok ? null : fault;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
