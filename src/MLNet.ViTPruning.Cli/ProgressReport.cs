using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace MLNet.ViTPruning.Cli;

/// <summary>How far the work is, on stderr: a bar on a terminal, a plain line now and then where it is redirected.</summary>
internal static class ProgressReport
{
    public static T Run<T>(string title, Func<IProgress<double>, T> work)
    {
        if (Console.IsErrorRedirected) return work(new Lines(title));
        var result = default(T)!;
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) })
            .Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => result = work(new Bar(context.AddTask(Markup.Escape(title), maxValue: 1))));
        return result;
    }

    private sealed class Bar(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }

    private sealed class Lines(string title) : IProgress<double>
    {
        private const double SecondsBetween = 10;
        private readonly TimeLeft _left = new();
        private long _last = Stopwatch.GetTimestamp();

        public void Report(double value)
        {
            string left = _left.After(value) is { } time ? $", about {TimeLeft.Text(time)} left" : "";
            if (Stopwatch.GetElapsedTime(_last).TotalSeconds < SecondsBetween) return;
            _last = Stopwatch.GetTimestamp();
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}: {value:P0}{left}"));
        }
    }
}
