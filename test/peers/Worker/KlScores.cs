using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Peers;

/// <summary>Comparison 'kl-scores': exact scores by the fast path beside the naive loop, which runs a rebuilt model over the images for each
/// channel, in one process and in turns. Images: the four photographs of the reference and their mirror images.</summary>
internal sealed class KlScores : IDisposable
{
    private const int NaiveChannels = 16;
    private readonly VisionModel _model;
    private readonly Tensor _images;
    private readonly int _naiveBatch;
    private readonly List<JsonObject> _cases = [];
    private readonly Dictionary<(PruningComponent, int), double[]> _exact = [];
    private readonly List<double> _naiveSeconds = [];

    private KlScores(string data)
    {
        _model = ModelFile.Load(Path.Combine(data, "weights/vit_tiny_patch16_224.safetensors"));
        using var photos = SafetensorsFile.Open(Path.Combine(data, "reference/photos.safetensors"));
        using var scope = NewDisposeScope();
        var four = photos.ReadTensor("photos.pixels").permute(0, 3, 1, 2).div(255).sub(0.5).div(0.5);    // [4, 3, 224, 224]
        _images = cat([four, four.flip(3)]).contiguous().DetachFromDisposeScope();                       // [8, 3, 224, 224]
        _naiveBatch = new[] { 8, 4, 2, 1 }.MinBy(batch => Enumerable.Range(0, 6).Select(_ => Naive(_model, batch)).Skip(1).Min());
        Console.Error.WriteLine($"naive loop: batch {_naiveBatch}");
    }

    /// <summary>Measures, and prints one JSON object.</summary>
    /// <returns>The exit code: 1 where a case stays below its bar.</returns>
    public static int Run(string data, string commit)
    {
        using var noGrad = no_grad();
        using var run = new KlScores(data);
        string only = Environment.GetEnvironmentVariable("PEERS_CASES") ?? "";
        foreach (int block in (int[])[0, 5, 11])
        {
            run.Measure(PruningComponent.Mlp, block, block == 5 ? 2 : null, only);
            run.Measure(PruningComponent.Attention, block, block == 5 ? 1.5 : null, only);
        }
        run.Measure(PruningComponent.Embed, 0, null, only);
        if (only.Length == 0) run.MeasureFisher();
        Console.WriteLine(new JsonObject { ["name"] = "kl-scores", ["commit"] = commit, ["cases"] = new JsonArray([.. run._cases]) }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        return run._cases.Any(c => c["bar"] is { } bar && c["ratio"]!.GetValue<double>() < bar.GetValue<double>()) ? 1 : 0;
    }

    private void Measure(PruningComponent component, int index, double? bar, string only)
    {
        string name = $"{component} block {index}".ToLowerInvariant();
        if (component == PruningComponent.Embed) name = "embed";
        if (!name.Contains(only, StringComparison.Ordinal)) return;
        var configuration = _model.Configuration;
        var group = ChannelGroups.All(configuration, component).Single(g => g.Index == index);
        var random = new Random(index);
        var channels = group.Channels.OrderBy(_ => random.Next()).Take(NaiveChannels).ToList();
        var turns = new Turns(this, component, index, channels, group.Channels.Count);
        ExactDivergence.Score(_model, [_images.clone()], [group with { Channels = [.. group.Channels.Take(8)] }]);    // kernels are chosen
        turns.Start();
        _exact[(component, index)] = ExactDivergence.Score(_model, [_images.clone()], [group], progress: turns)[0];
        turns.Finish();

        double ours = turns.Fast.Sum() / group.Channels.Count, naive = Median(turns.Naive);
        var ratios = turns.Naive.Select(seconds => seconds / ours).Order().ToList();
        Add(name, group.Channels.Count / turns.Fast.Sum(), 1 / naive, naive / ours, ratios[ratios.Count / 4], ratios[ratios.Count * 3 / 4], bar, "channels/s on 8 images");
        _naiveSeconds.Add(naive);
    }

    /// <summary>Fisher for all channels; the naive loop's time for them is extrapolated from its mean over the groups.</summary>
    private void MeasureFisher()
    {
        var request = new ScoringRequest(new UnifiedPruningOptions { BatchSize = 8, FisherDraws = 4 }, 1) { Components = Enum.GetValues<PruningComponent>() };
        var images = new ProxyTensor(_images);
        var fisher = new FisherImportance();
        fisher.Score(_model, images, request);
        long start = Stopwatch.GetTimestamp();
        var scores = fisher.Score(_model, images, request);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int all = ChannelGroups.All(_model.Configuration, Enum.GetValues<PruningComponent>()).Sum(g => g.Channels.Count);
        double naive = _naiveSeconds.Average() * all;
        Add("fisher, all channels, four draws (naive loop extrapolated)", all / seconds, all / naive, naive / seconds, null, null, null, "channels/s on 8 images");
        foreach (var component in Enum.GetValues<PruningComponent>())
        {
            var groups = _exact.Where(entry => entry.Key.Item1 == component).ToList();
            double spearman = groups.Average(g => RankCorrelation.Spearman(g.Value, scores.Of(component)[g.Key.Item2]));
            double overlap = groups.Average(g => Overlap(g.Value, scores.Of(component)[g.Key.Item2]));
            _cases.Add(new JsonObject { ["case"] = $"fisher against exact, {component.ToString().ToLowerInvariant()}", ["spearman"] = Round(spearman), ["keptSetOverlap"] = Round(overlap), ["keepRatio"] = 0.5, ["bar"] = null });
            Console.Error.WriteLine($"fisher against exact, {component}: Spearman {spearman:0.000}, kept-set overlap at 0.5 {overlap:0.000}");
        }
    }

    private static double Overlap(double[] a, double[] b)
    {
        IEnumerable<int> Kept(double[] scores) => Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).Take(scores.Length / 2);
        return (double)Kept(a).Intersect(Kept(b)).Count() / (a.Length / 2);
    }

    private void Add(string name, double ours, double peer, double ratio, double? low, double? high, double? bar, string unit)
    {
        _cases.Add(new JsonObject { ["case"] = name, ["ours"] = Round(ours), ["peer"] = Round(peer), ["unit"] = unit, ["ratio"] = Round(ratio), ["low"] = Round(low), ["high"] = Round(high), ["bar"] = bar });
        Console.Error.WriteLine($"{name}: {ours:0.00} against {peer:0.00} {unit}, ratio {ratio:0.00}{(bar is null ? "" : $" (bar {bar})")}");
    }

    private static double? Round(double? value) => value is null ? null : Math.Round(value.Value, 3);

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Seconds of a rebuilt model over all images.</summary>
    private double Naive(VisionModel model, int batch)
    {
        long start = Stopwatch.GetTimestamp();
        for (int first = 0; first < _images.shape[0]; first += batch)
        {
            using var images = _images.narrow(0, first, batch);
            using var logits = model.forward(images);
            using var wide = logits.to(float64);
            wide.log_softmax(-1).Dispose();
        }
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private VisionModel Without(PruningComponent component, int index, int channel)
    {
        if (component == PruningComponent.Attention) return _model.Copy(requiresGrad: false);    // a channel is set to zero there: the same work
        int[] All(int count) => [.. Enumerable.Range(0, count)];
        var plan = new PruningPlan("unified", "naive", [.. _model.Configuration.Blocks.Select((block, i) => new BlockPlan(block.Heads, All(block.AttentionDim),
            [.. All(block.MlpHiddenDim).Where(c => component != PruningComponent.Mlp || i != index || c != channel)]))])
        {
            Embed = component == PruningComponent.Embed ? [[.. All(_model.Configuration.NumFeatures).Where(c => c != channel)]] : null,
        };
        return ModelSlicer.Slice(_model, plan);
    }

    public void Dispose()
    {
        _model.Dispose();
        _images.Dispose();
    }

    /// <summary>Takes the time of the fast path between its reports, and lets the naive loop have its turns there.</summary>
    private sealed class Turns(KlScores owner, PruningComponent component, int index, List<int> channels, int count) : IProgress<long>
    {
        private long _since;
        private long _done;

        public List<double> Fast { get; } = [];

        public List<double> Naive { get; } = [];

        public void Start() => _since = Stopwatch.GetTimestamp();

        public void Report(long value)
        {
            Fast.Add(Stopwatch.GetElapsedTime(_since).TotalSeconds);
            _done += value / owner._images.shape[0];
            while (Naive.Count < channels.Count && Naive.Count * count < _done * channels.Count) RunNaive();
            Start();
        }

        public void Finish()
        {
            while (Naive.Count < channels.Count) RunNaive();
        }

        private void RunNaive()
        {
            using var model = owner.Without(component, index, channels[Naive.Count]);
            owner.Naive(model, owner._naiveBatch);    // kernels are chosen, caches are warm
            Naive.Add(owner.Naive(model, owner._naiveBatch));
        }
    }
}
