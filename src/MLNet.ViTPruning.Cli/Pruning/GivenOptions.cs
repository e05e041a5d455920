using System.CommandLine;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>Options that were given though nothing would come of them.</summary>
internal static class GivenOptions
{
    /// <summary>Whether an option stands on the command line, whatever its value.</summary>
    public static bool Has(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>One sentence that names those of some options that were given, or null where none was.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="why">What takes their effect from them, as the command line spells it.</param>
    /// <param name="options">The options.</param>
    public static string? WithoutEffect(this ParseResult parsed, string why, params IEnumerable<Option> options)
    {
        string[] given = [.. options.Where(option => parsed.Has(option)).Select(option => option.Name)];
        return given.Length == 0 ? null : $"{string.Join(", ", given)} {(given.Length == 1 ? "has" : "have")} no effect {why}.";
    }

    /// <exception cref="ArgumentException">There are faults; all in one message.</exception>
    public static void Tell(IEnumerable<string?> faults)
    {
        string message = string.Join(' ', faults.OfType<string>());
        if (message.Length > 0) throw new ArgumentException(message);
    }
}
