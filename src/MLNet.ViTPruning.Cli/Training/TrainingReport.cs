using System.Diagnostics;
using System.Globalization;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Training;
using Spectre.Console;

namespace MLNet.ViTPruning.Cli.Training;

/// <summary>How far a training is, on stderr: a line for each epoch, and between them a bar on a terminal or a line now and then where it
/// is redirected.</summary>
internal sealed class TrainingReport : IProgress<TrainingProgress>
{
    private const double SecondsBetweenLines = 30, SecondsBetweenUpdates = 0.2;

    private readonly IAnsiConsole? _console;
    private readonly ProgressTask? _bar;
    private long _last = Stopwatch.GetTimestamp();

    private TrainingReport(IAnsiConsole? console, ProgressTask? bar) => (_console, _bar) = (console, bar);

    /// <summary>Trains under a report.</summary>
    /// <param name="options">The options; they come back with the report's callbacks.</param>
    /// <param name="train">Trains with them.</param>
    public static TResult Run<TOptions, TResult>(TOptions options, Func<TOptions, TResult> train) where TOptions : ViTTrainingOptions
    {
        if (Console.IsErrorRedirected) return train(With(options, new TrainingReport(null, null)));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var result = default(TResult)!;
        console.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => result = train(With(options, new TrainingReport(console, context.AddTask("reading the images", maxValue: 1)))));
        return result;
    }

    /// <summary>Where the training stands, in one line.</summary>
    public static string Line(TrainingProgress now)
    {
        string accuracy = now.ValidationAccuracy is { } percent ? string.Create(CultureInfo.InvariantCulture, $", accuracy {percent:0.00} %") : "";
        return string.Create(CultureInfo.InvariantCulture, $"epoch {now.Epoch}/{now.Epochs}, loss {now.Loss:0.0000}{accuracy}, {now.ImagesPerSecond:0.0} images/s, {Left(now.Remaining)} left");
    }

    public void Report(TrainingProgress value)
    {
        if (Stopwatch.GetElapsedTime(_last).TotalSeconds < (_bar is null ? SecondsBetweenLines : SecondsBetweenUpdates)) return;
        _last = Stopwatch.GetTimestamp();
        string line = value.TeacherImages is { } seen ? $"the teacher has seen {seen} images" : Line(value);
        if (_bar is null)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {value.Step}/{value.Steps}: {line}"));
            return;
        }
        _bar.Value = (double)value.Step / value.Steps;
        _bar.Description = Markup.Escape(line);
    }

    private static TOptions With<TOptions>(TOptions options, TrainingReport report) where TOptions : ViTTrainingOptions
    {
        ViTTrainingOptions common = options;
        return (TOptions)(common with { Progress = report, MetricsCallback = report.EpochEnded });
    }

    private void EpochEnded(TrainingMetrics metrics)
    {
        if (_console is null) Console.Error.WriteLine(metrics.ToString());
        else _console.WriteLine(metrics.ToString());
    }

    private static string Left(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time:mm\\:ss}") : time.ToString("m\\:ss", CultureInfo.InvariantCulture);
}
