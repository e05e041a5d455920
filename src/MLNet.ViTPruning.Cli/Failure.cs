using System.Text.RegularExpressions;
using MLNet.ViTPruning.Training;

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
            case var _ when IsUsers(exception):
                Say(exception.Message);
                return WrongInput;
            case TrainingDivergedException:
                Say(exception.Message);
                return Fault;
            default:
                Say($"unexpected fault ({exception.GetType().Name}): {exception.Message}");
                return Fault;
        }
    }

    /// <summary>Does all of the checks, so that every fault is told at once.</summary>
    /// <exception cref="ArgumentException">What the checks that failed had to say.</exception>
    public static void TellAll(params ReadOnlySpan<Action> checks)
    {
        var faults = new List<string>();
        foreach (var check in checks)
        {
            try
            {
                check();
            }
            catch (Exception e) when (IsUsers(e))
            {
                faults.Add(OneLine(e.Message));
            }
        }
        if (faults.Count > 0) throw new ArgumentException(string.Join(" ", faults));
    }

    /// <summary>Does what another check tells the faults of.</summary>
    public static void Try(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (IsUsers(e))
        {
        }
    }

    private static bool IsUsers(Exception exception) => exception is ArgumentException or IOException or InvalidDataException
        or UnauthorizedAccessException or NotSupportedException or InvalidOperationException;

    private static string OneLine(string message) => Blanks().Replace(Parameter().Replace(message, ""), " ").Trim();

    [GeneratedRegex(@" \(Parameter '[^']*'\)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex Blanks();
}
