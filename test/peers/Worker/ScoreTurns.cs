using System.Diagnostics;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Peers;

/// <summary>Takes the time of the fast path between its reports, and lets the naive loop have its turns there, evenly spread.</summary>
/// <param name="naive">The naive loop.</param>
/// <param name="group">The group that the naive loop's channels are of.</param>
/// <param name="channels">The channels that it computes.</param>
/// <param name="evaluations">How much the fast path will report in all, channels times images.</param>
internal sealed class ScoreTurns(NaiveLoop naive, ChannelGroup group, IReadOnlyList<int> channels, long evaluations) : IProgress<long>
{
    private long _since;
    private long _done;

    /// <summary>Seconds of the fast path in all.</summary>
    public double FastSeconds { get; private set; }

    /// <summary>Seconds of the naive loop, channel by channel.</summary>
    public List<double> NaiveSeconds { get; } = [];

    /// <summary>The fast path begins, or begins once more.</summary>
    public void Start() => _since = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public void Report(long value)
    {
        FastSeconds += Stopwatch.GetElapsedTime(_since).TotalSeconds;
        _done += value;
        while (NaiveSeconds.Count < channels.Count && NaiveSeconds.Count * evaluations < _done * channels.Count) Next();
        Start();
    }

    private void Next() => NaiveSeconds.Add(naive.Seconds(group.Component, group.Index, channels[NaiveSeconds.Count]));
}
