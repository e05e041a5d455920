using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.ModuleAware;
using static MLNet.ViTPruning.Tests.Training.TrainerFixture;

namespace MLNet.ViTPruning.Tests.Pruning.ModuleAware;

/// <summary>Equation 10 and the ranking of a pool as one would write them down: all scores in a list, sorted.</summary>
internal static class NaiveWeightPruning
{
    /// <summary>What stays of each tensor of a pool.</summary>
    /// <param name="tensors">The weights, in the order of the layers.</param>
    /// <param name="removed">How many go.</param>
    /// <param name="relative">By relative distortion, or by magnitude.</param>
    public static bool[][] Kept(IReadOnlyList<float[]> tensors, long removed, bool relative)
    {
        var pool = tensors.SelectMany((weights, layer) => Scores(weights, relative).Select((score, index) => (score, layer, index))).Order().Take((int)removed);
        bool[][] kept = [.. tensors.Select(weights => Enumerable.Repeat(true, weights.Length).ToArray())];
        foreach (var (_, layer, index) in pool) kept[layer][index] = false;
        return kept;
    }

    /// <summary>The pools of a model with DIMAP by module, and what stays of each tensor.</summary>
    public static Dictionary<string, bool[]> Dimap(VisionModel model, double ratio)
    {
        var kept = new Dictionary<string, bool[]>();
        foreach (string[] module in (string[][])[["attn.qkv", "attn.q", "attn.kv"], ["attn.proj"], ["mlp.fc1", "mlp.fc2"]])
        {
            var tensors = model.named_parameters().Where(p => Array.Exists(module, name => p.Item1.EndsWith($".{name}.weight", StringComparison.Ordinal))).ToList();
            var masks = Kept([.. tensors.Select(p => Values(p.Item2))], (long)Math.Floor((decimal)ratio * tensors.Sum(p => p.Item2.numel())), relative: true);
            foreach (var (tensor, mask) in tensors.Zip(masks)) kept[tensor.Item1] = mask;
        }
        return kept;
    }

    private static double[] Scores(float[] weights, bool relative)
    {
        if (!relative) return [.. weights.Select(weight => Math.Abs((double)weight))];
        var scores = new double[weights.Length];
        double sum = 0;
        foreach (int i in Enumerable.Range(0, weights.Length).OrderByDescending(i => Math.Abs(weights[i])).ThenByDescending(i => i))
        {
            double energy = (double)weights[i] * weights[i];
            sum += energy;
            scores[i] = sum > 0 ? energy / sum : 0;
        }
        return scores;
    }
}
