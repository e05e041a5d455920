using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Pruning.ModuleAware;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Peers;

/// <summary>Comparison 'dimap-scores': DIMAP of the loaded model in place, from weights to masks.</summary>
/// <remarks>
/// plan RATIO                    the tensors in order of names, each with what it lost and its threshold -> JSON
/// memory RATIO                  prunes once -> MiB beyond what was there before, and of the whole process, both at the peak
/// Each run begins with the weights as they were loaded and without masks; bringing them back is not timed.
/// </remarks>
internal sealed class WeightScores : ModelWorker
{
    private static readonly DimapOptions Options = new();
    private Dictionary<string, Tensor>? _loaded;

    public override string Answer(string[] command)
    {
        switch (command)
        {
            case ["plan", var ratio]:
                var plan = Timed(Options with { Ratio = double.Parse(ratio, CultureInfo.InvariantCulture) }, out _);
                return new JsonObject([.. plan.Tensors.OrderBy(t => t.Name, StringComparer.Ordinal)
                    .Select(t => KeyValuePair.Create(t.Name, (JsonNode?)new JsonArray(t.Removed, t.Threshold)))]).ToJsonString();
            case ["memory", var ratio]:
                for (int i = 0; i < 2; i++)
                {
                    GC.Collect();    // what loading left to the finaliser
                    GC.WaitForPendingFinalizers();
                }
                double before = Status("VmRSS");
                File.WriteAllText("/proc/self/clear_refs", "5");    // the peak starts anew
                WeightPruner.PruneInPlace(Model!, Options with { Ratio = double.Parse(ratio, CultureInfo.InvariantCulture) });
                return string.Create(CultureInfo.InvariantCulture, $"{Status("VmHWM") - before} {Status("VmHWM")}");
            case ["run", var count]:
                double seconds = 0;
                for (int i = int.Parse(count, CultureInfo.InvariantCulture); i > 0; i--)
                {
                    Timed(Options, out double once);
                    seconds += once;
                }
                return seconds.ToString("R", CultureInfo.InvariantCulture);
            default:
                return base.Answer(command);
        }
    }

    protected override void Work() => throw new UnreachableException();

    public override void Dispose()
    {
        foreach (var weight in _loaded?.Values ?? Enumerable.Empty<Tensor>()) weight.Dispose();
        base.Dispose();
    }

    private WeightPlan Timed(DimapOptions options, out double seconds)
    {
        using (no_grad())
        {
            var state = Model!.state_dict();
            if (_loaded is null) _loaded = state.ToDictionary(weight => weight.Key, weight => weight.Value.detach().clone());
            else
                foreach (var (name, weight) in state) weight.copy_(_loaded[name]);
            Model.SetWeightMasks(new Dictionary<string, Tensor>());
        }
        long start = Stopwatch.GetTimestamp();
        var plan = WeightPruner.PruneInPlace(Model, options);
        seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return plan;
    }

    private static double Status(string field)
    {
        string line = File.ReadLines("/proc/self/status").First(each => each.StartsWith(field + ":", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }
}
