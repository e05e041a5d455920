using System.Text.RegularExpressions;

namespace MLNet.ViTPruning.Cli;

/// <summary>Exit codes, and how a fault is told: one sentence on stderr, never a stack trace.</summary>
internal static partial class Failure
{
    public const int Fault = 1, WrongInput = 2, Interrupted = 130;

    public static void Say(string message) => Console.Error.WriteLine($"vitprune: {OneLine(message)}");

    /// <returns>The exit code.</returns>
    public static int Report(Exception exception)
    {
        while (exception is AggregateException or System.Reflection.TargetInvocationException && exception.InnerException is { } inner) exception = inner;
        switch (exception)
        {
            case OperationCanceledException:
                Say("interrupted.");
                return Interrupted;
            case ArgumentException or IOException or InvalidDataException or UnauthorizedAccessException or NotSupportedException or InvalidOperationException:
                Say(exception.Message);
                return WrongInput;
            default:
                Say($"unexpected fault ({exception.GetType().Name}): {exception.Message}");
                return Fault;
        }
    }

    private static string OneLine(string message) => Blanks().Replace(Parameter().Replace(message, ""), " ").Trim();

    [GeneratedRegex(@" \(Parameter '[^']*'\)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex Blanks();
}
