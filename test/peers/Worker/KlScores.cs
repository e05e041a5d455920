using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Peers;

/// <summary>Comparison 'kl-scores': exact scores by the fast path beside the naive loop, in one process and in turns. Images: the four photographs
/// of the reference and their mirror images.</summary>
/// <remarks>PEERS_CASES=TEXT measures only the cases whose names contain TEXT; PEERS_CHANNELS=N scores N channels of each group instead of all,
/// and at most N by the naive loop, to try the whole quickly.</remarks>
internal sealed class KlScores : IDisposable
{
    private const int NaiveChannels = 16, DenseRounds = 12, FisherRounds = 3, FisherDraws = 4;
    private const double KeepRatio = 0.5, NaiveBar = 0.9;
    private static readonly string Only = Environment.GetEnvironmentVariable("PEERS_CASES") ?? "";
    private static readonly int Limit = int.TryParse(Environment.GetEnvironmentVariable("PEERS_CHANNELS"), CultureInfo.InvariantCulture, out int limit) ? limit : int.MaxValue;

    /// <summary>The groups, and the bar of the ratio for each channel; null where it is only reported.</summary>
    private static readonly (PruningComponent Component, int Index, double? Bar)[] Groups =
    [
        (PruningComponent.Mlp, 0, null), (PruningComponent.Attention, 0, null),
        (PruningComponent.Mlp, 5, 2), (PruningComponent.Attention, 5, 1.5),
        (PruningComponent.Mlp, 11, null), (PruningComponent.Attention, 11, null),
        (PruningComponent.Embed, 0, null),
    ];

    private readonly VisionModel _model;
    private readonly Tensor _images;
    private readonly NaiveLoop _naive;
    private readonly List<JsonObject> _cases = [];
    private readonly List<(ChannelGroup Group, double[] Scores)> _exact = [];
    private readonly List<double> _naiveSeconds = [];

    private KlScores(string data)
    {
        _model = ModelFile.Load(Path.Combine(data, "weights/vit_tiny_patch16_224.safetensors"));
        using var photos = SafetensorsFile.Open(Path.Combine(data, "reference/photos.safetensors"));
        using var scope = NewDisposeScope();
        var four = photos.ReadTensor("photos.pixels").permute(0, 3, 1, 2).div(255).sub(0.5).div(0.5);    // [4, 3, 224, 224]
        _images = cat([four, four.flip(3)]).contiguous().DetachFromDisposeScope();                       // [8, 3, 224, 224]
        _naive = new NaiveLoop(_model, _images);
        Console.Error.WriteLine($"naive loop: batch {_naive.Batch}");
    }

    /// <summary>Measures, and prints one JSON object.</summary>
    /// <returns>The exit code: 1 where a case stays below its bar.</returns>
    public static int Run(string data, string commit)
    {
        using var noGrad = no_grad();
        using var run = new KlScores(data);
        run.MeasureNaiveRate();
        foreach (var (component, index, bar) in Groups) run.MeasureGroup(component, index, bar);
        run.MeasureFisher();
        var result = new JsonObject { ["name"] = "kl-scores", ["commit"] = commit, ["cases"] = new JsonArray([.. run._cases]) };
        Console.WriteLine(result.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        return run._cases.All(Holds) ? 0 : 1;
    }

    /// <summary>The naive loop is no straw man: it is as fast as the dense model is in compare.sh dense, in turns with it.</summary>
    private void MeasureNaiveRate()
    {
        const string name = "naive loop beside the dense model";
        if (!Wanted(name)) return;
        using var many = _images.repeat(4, 1, 1, 1);    // [32, 3, 224, 224]
        using var single = _images.narrow(0, 0, 1);     // [1, 3, 224, 224]
        foreach (var batch in new[] { many, single }) _naive.DenseSeconds(batch);
        Twice(NaiveBar, repeats =>
        {
            var rounds = Enumerable.Range(0, repeats * Math.Min(DenseRounds, Limit)).Select(i =>
                (Naive: _images.shape[0] / _naive.Seconds(PruningComponent.Mlp, 5, i), Many: 32 / _naive.DenseSeconds(many), Single: 1 / _naive.DenseSeconds(single))).ToList();
            bool manyIsFaster = Quantile(rounds.Select(r => r.Many), 0.5) >= Quantile(rounds.Select(r => r.Single), 0.5);
            double dense = Quantile(rounds.Select(r => manyIsFaster ? r.Many : r.Single), 0.5);
            var ratios = rounds.Select(r => r.Naive / (manyIsFaster ? r.Many : r.Single)).ToList();
            return Row($"{name} at batch {(manyIsFaster ? 32 : 1)}", Quantile(rounds.Select(r => r.Naive), 0.5), dense, "images/s",
                Quantile(ratios, 0.5), Quantile(ratios, 0.1), Quantile(ratios, 0.9), NaiveBar);
        });
    }

    private void MeasureGroup(PruningComponent component, int index, double? bar)
    {
        string name = component == PruningComponent.Embed ? "embed" : $"{component} block {index}".ToLowerInvariant();
        if (!Wanted(name)) return;
        var all = ChannelGroups.All(_model.Configuration, component).Single(group => group.Index == index);
        var chosen = all with { Channels = [.. all.Channels.Take(Limit)] };
        int stack = index == _model.Configuration.Blocks.Count() - 1 ? 32 : 4;    // behind the last block only one token is left
        Score(all with { Channels = [.. all.Channels.Take(stack)] }, null);       // kernels are chosen
        Twice(bar, repeats =>
        {
            int[] shuffled = [.. all.Channels];
            new Random(index).Shuffle(shuffled);
            var turns = new ScoreTurns(_naive, all, shuffled[..Math.Min(repeats * NaiveChannels, Limit)], repeats * chosen.Channels.Count * _images.shape[0]);
            double[] scores = [];
            for (int i = 0; i < repeats; i++)
            {
                turns.Start();
                scores = Score(chosen, turns);
            }
            if (repeats == 1) _exact.Add((chosen, scores));
            double ours = turns.FastSeconds / (repeats * chosen.Channels.Count), naive = Quantile(turns.NaiveSeconds, 0.5);
            _naiveSeconds.AddRange(turns.NaiveSeconds);
            return Row(name, 1 / ours, 1 / naive, "channels/s on 8 images", naive / ours, Quantile(turns.NaiveSeconds, 0.1) / ours, Quantile(turns.NaiveSeconds, 0.9) / ours, bar);
        });
    }

    private double[] Score(ChannelGroup group, ScoreTurns? turns) => ExactDivergence.Score(_model, [_images.clone()], [group], progress: turns)[0];

    /// <summary>Fisher for all channels; the naive loop's time for them is extrapolated from the channels it was timed on. Then how well the
    /// estimate agrees with the exact scores.</summary>
    private void MeasureFisher()
    {
        const string name = "fisher";
        if (!Wanted(name)) return;
        var components = Enum.GetValues<PruningComponent>();
        var request = new ScoringRequest(new UnifiedPruningOptions { BatchSize = (int)_images.shape[0], FisherDraws = FisherDraws }, 1) { Components = components };
        var images = new ProxyTensor(_images);
        var fisher = new FisherImportance();
        var scores = fisher.Score(_model, images, request);
        var seconds = Enumerable.Range(0, FisherRounds).Select(_ =>
        {
            long start = Stopwatch.GetTimestamp();
            fisher.Score(_model, images, request);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }).ToList();
        if (_naiveSeconds.Count > 0)
        {
            int channels = ChannelGroups.All(_model.Configuration, components).Sum(group => group.Channels.Count);
            double naive = _naiveSeconds.Average() * channels;
            Add(Row($"{name}, all {channels} channels, {FisherDraws} draws, beside the naive loop extrapolated", channels / Quantile(seconds, 0.5), channels / naive,
                "channels/s on 8 images", naive / Quantile(seconds, 0.5), naive / seconds.Max(), naive / seconds.Min(), null));
        }
        foreach (var component in components) Agreement(component, scores);
    }

    /// <summary>Rank correlation and shared kept channels of Fisher and exact scores, means over the groups; low and high are the groups' extremes.</summary>
    private void Agreement(PruningComponent component, ChannelScores fisher)
    {
        var pairs = _exact.Where(entry => entry.Group.Component == component)
            .Select(entry => (entry.Scores, Fisher: entry.Group.Channels.Select(c => fisher.Of(component)[entry.Group.Index][c]).ToArray(), entry.Group)).ToList();
        if (pairs.Count == 0) return;
        void Report(string what, string unit, Func<(double[] Scores, double[] Fisher, ChannelGroup Group), double> measure)
        {
            var values = pairs.Select(measure).ToList();
            Add(Row($"fisher against exact, {component.ToString().ToLowerInvariant()}: {what}", values.Average(), 1, unit, values.Average(), values.Min(), values.Max(), null));
        }
        Report("Spearman", "rank correlation", pair => RankCorrelation.Spearman(pair.Scores, pair.Fisher));
        Report($"kept set at {KeepRatio}", "share in common", pair => Overlap(pair.Scores, pair.Fisher,
            component == PruningComponent.Attention ? _model.Configuration.Blocks.ElementAt(pair.Group.Index).HeadDim : pair.Scores.Length));
    }

    /// <summary>Share of the kept channels that both scores agree on; channels compete within their segment, as in the planner.</summary>
    private static double Overlap(double[] a, double[] b, int segment)
    {
        IEnumerable<int> Kept(double[] scores) => Enumerable.Range(0, scores.Length).Chunk(segment)
            .SelectMany(run => run.OrderByDescending(i => scores[i]).Take((int)Math.Round(run.Length * KeepRatio)));
        return (double)Kept(a).Intersect(Kept(b)).Count() / Kept(a).Count();
    }

    /// <summary>Measures, and where the result is below its bar once more with twice the repeats, which counts.</summary>
    private void Twice(double? bar, Func<int, JsonObject> measure)
    {
        var row = measure(1);
        if (!Holds(row))
        {
            Console.Error.WriteLine($"{row["case"]}: {row["ratio"]} is below {bar}, measured again");
            row = measure(2);
        }
        Add(row);
    }

    private static bool Wanted(string name) => name.Contains(Only, StringComparison.Ordinal);

    private static bool Holds(JsonObject row) => row["bar"] is not { } bar || row["ratio"]!.GetValue<double>() >= bar.GetValue<double>();

    private static JsonObject Row(string name, double ours, double peer, string unit, double ratio, double low, double high, double? bar)
    {
        static double Rounded(double value) => Math.Round(value, 4);
        return new JsonObject
        {
            ["case"] = name,
            ["ours"] = Rounded(ours),
            ["peer"] = Rounded(peer),
            ["unit"] = unit,
            ["ratio"] = Rounded(ratio),
            ["low"] = Rounded(low),
            ["high"] = Rounded(high),
            ["bar"] = bar,
        };
    }

    private void Add(JsonObject row)
    {
        _cases.Add(row);
        Console.Error.WriteLine($"{row["case"],-80} {row["ours"],10} {row["peer"],10} {row["unit"]}, ratio {row["ratio"]} ({row["low"]}..{row["high"]}){(Holds(row) ? "" : $"  BELOW {row["bar"]}")}");
    }

    private static double Quantile(IEnumerable<double> values, double q)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)Math.Round(q * (sorted.Length - 1))];
    }

    public void Dispose()
    {
        _model.Dispose();
        _images.Dispose();
    }
}
