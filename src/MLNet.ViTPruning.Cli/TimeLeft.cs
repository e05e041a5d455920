using System.Diagnostics;
using System.Globalization;

namespace MLNet.ViTPruning.Cli;

/// <summary>How long work will still take, by its pace since the first report.</summary>
internal sealed class TimeLeft
{
    private (long Time, double Share)? _first;

    /// <param name="share">Share of the work that is done; work that goes on from an earlier run begins above 0.</param>
    /// <returns>The time, or null while it cannot be told.</returns>
    public TimeSpan? After(double share)
    {
        _first ??= (Stopwatch.GetTimestamp(), share);
        var (time, begun) = _first.Value;
        return share > begun ? Stopwatch.GetElapsedTime(time) * ((1 - share) / (share - begun)) : null;
    }

    /// <summary>A time for people: <c>40 s</c>, <c>7 min</c>, <c>2 h 5 min</c>.</summary>
    public static string Text(TimeSpan time) => time switch
    {
        { TotalSeconds: <= 90 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds)} s"),
        { TotalMinutes: <= 90 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalMinutes)} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours} h {time.Minutes} min"),
    };
}
