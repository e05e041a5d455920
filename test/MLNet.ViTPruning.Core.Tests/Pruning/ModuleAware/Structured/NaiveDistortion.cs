using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning.ModuleAware;

/// <summary>Energies of groups and equation 10 of DIMAP, in plain loops over the state dict.</summary>
internal static class NaiveDistortion
{
    public static List<string> Prefixes(ModelConfiguration configuration) => Depth.SkippedHalves.Prefixes(configuration);

    public static double Mlp(VisionModel model, int block, int channel)
    {
        var entries = new Entries(model, Prefixes(model.Configuration)[block] + ".mlp.");
        return entries.Row("fc1.weight", channel) + entries.Row("fc1.bias", channel) + entries.Row("dwconv.weight", channel) + entries.Row("dwconv.bias", channel)
            + entries.Column("fc2.weight", channel);
    }

    public static double Attention(VisionModel model, int block, int channel)
    {
        var entries = new Entries(model, Prefixes(model.Configuration)[block] + ".attn.");
        int width = model.Configuration.Blocks.ElementAt(block).AttentionDim;
        double sum = entries.Column("proj.weight", channel);
        foreach (var kind in (string[])["weight", "bias"])
        {
            for (int part = 0; part < 3; part++) sum += entries.Row("qkv." + kind, part * width + channel);
            sum += entries.Row("q." + kind, channel) + entries.Row("kv." + kind, channel) + entries.Row("kv." + kind, width + channel);
        }
        return sum;
    }

    public static double Head(VisionModel model, int block, int head)
    {
        int headDim = model.Configuration.Blocks.ElementAt(block).HeadDim;
        return Enumerable.Range(head * headDim, headDim).Sum(channel => Attention(model, block, channel));
    }

    /// <summary>The score of each group: its share of the energy of all that are at least as large.</summary>
    public static double[] Scores(double[] energies) => [.. energies.Select(energy => energy / energies.Where(other => other >= energy).Sum())];

    private sealed class Entries(VisionModel model, string prefix)
    {
        private readonly Dictionary<string, Tensor> _weights = model.state_dict();

        public double Row(string name, int row) => _weights.TryGetValue(prefix + name, out var weight) ? Squares(weight, 0, row) : 0;

        public double Column(string name, int column) => Squares(_weights[prefix + name], 1, column);

        private static double Squares(Tensor weight, long dimension, long index)
        {
            using var scope = NewDisposeScope();
            using var values = weight.select(dimension, index).detach().to(float64).flatten().contiguous().data<double>();
            return values.ToArray().Sum(value => value * value);
        }
    }
}
