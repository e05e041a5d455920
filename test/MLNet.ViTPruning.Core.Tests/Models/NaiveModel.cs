using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Models;

/// <summary>ViT, Swin and PVTv2 in double-precision loops over single tokens, written from the papers: who sees whom is decided
/// pair by pair, nothing is partitioned, rolled or masked.</summary>
internal sealed partial class NaiveModel
{
    private readonly Dictionary<string, double[]> _weights = [];
    private readonly ModelConfiguration _c;

    public NaiveModel(VisionModel model)
    {
        _c = model.Configuration;
        foreach (var (name, tensor) in model.state_dict())
        {
            using var cpu = tensor.detach().to(ScalarType.Float64).contiguous();
            _weights[name] = cpu.data<double>().ToArray();
        }
    }

    public float[] Logits(Tensor images)
    {
        using var flat = images.to(ScalarType.Float64).contiguous();
        var pixels = flat.data<double>().ToArray();
        int size = 3 * _c.ImageSize * _c.ImageSize;
        Func<double[], double[]> logits = _c.Family switch { ModelFamily.Swin => Swin, ModelFamily.PvtV2 => Pvt, _ => Vit };
        return [.. pixels.Chunk(size).SelectMany(logits).Select(v => (float)v)];
    }

    private double[] Vit(double[] image)
    {
        var tokens = new List<double[]> { _weights["cls_token"] };
        if (_c.DistillationToken) tokens.Add(_weights["dist_token"]);
        int prefix = tokens.Count;
        tokens.AddRange(Patches(image));
        int width = _c.Stages[0].EmbedDim;
        var x = tokens.Select((t, i) => t.Select((v, d) => v + _weights["pos_embed"][i * width + d]).ToArray()).ToArray();
        for (int i = 0; i < _c.Stages[0].Blocks.Count; i++) x = Block(x, $"blocks.{i}.", _c.Stages[0].Blocks[i], (_, _) => 0, (_, _) => true);
        if (_c.Pooling == Pooling.Mean) return Linear(Norm(Mean(x[prefix..]), "fc_norm"), "head");
        var logits = Linear(Norm(x[0], "norm"), "head");
        return _c.DistillationToken ? [.. logits.Zip(Linear(Norm(x[1], "norm"), "head_dist"), (a, b) => (a + b) / 2)] : logits;
    }

    private double[] Swin(double[] image)
    {
        var x = Patches(image).Select(t => Norm(t, "patch_embed.norm")).ToArray();
        int side = _c.ImageSize / _c.PatchSize;
        for (int s = 0; s < _c.Stages.Count; s++)
        {
            string stage = $"layers.{s}.";
            if (s > 0)
            {
                int old = side;
                var before = x;
                side /= 2;
                x = [.. from r in Enumerable.Range(0, side)
                        from c in Enumerable.Range(0, side)
                        let four = new[] { (0, 0), (1, 0), (0, 1), (1, 1) }.SelectMany(o => before[(2 * r + o.Item1) * old + 2 * c + o.Item2]).ToArray()
                        select Linear(Norm(four, stage + "downsample.norm"), stage + "downsample.reduction")];
            }
            for (int i = 0; i < _c.Stages[s].Blocks.Count; i++)
            {
                string name = $"{stage}blocks.{i}.";
                bool whole = side <= _c.WindowSize;
                int window = whole ? side : _c.WindowSize, shift = whole || i % 2 == 0 ? 0 : window / 2, r = side;
                // A grid shifted up and left by 'shift': windows that begin at -(window - shift), cut off at the image's edge.
                int WindowOf(int position) => (position - shift + window) / window;
                bool Sees(int a, int b) => WindowOf(a / r) == WindowOf(b / r) && WindowOf(a % r) == WindowOf(b % r);
                int span = 2 * window - 1;
                var block = _c.Stages[s].Blocks[i];
                int Row(int a, int b) => (a / r - b / r + window - 1) * span + a % r - b % r + window - 1;
                x = Block(x, name, block, (pair, head) => _weights[name + "attn.relative_position_bias_table"][Row(pair.A, pair.B) * block.Heads + head], Sees);
            }
        }
        return Linear(Mean([.. x.Select(t => Norm(t, "norm"))]), "head.fc");
    }

    private double[][] Patches(double[] image)
    {
        int p = _c.PatchSize, side = _c.ImageSize / p, size = _c.ImageSize;
        return [.. from r in Enumerable.Range(0, side)
                   from c in Enumerable.Range(0, side)
                   let patch = (from ch in Enumerable.Range(0, 3) from y in Enumerable.Range(0, p) from z in Enumerable.Range(0, p) select image[(ch * size + r * p + y) * size + c * p + z]).ToArray()
                   select Linear(patch, "patch_embed.proj")];
    }

    private double[][] Block(double[][] x, string name, BlockConfiguration block, Func<(int A, int B), int, double> bias, Func<int, int, bool> sees)
    {
        if (block.HasAttention)
        {
            var qkv = x.Select(t => Linear(Norm(t, name + "norm1"), name + "attn.qkv")).ToArray();
            x = [.. x.Select((t, i) => Add(t, Linear(Attend(qkv, i, block, bias, sees), name + "attn.proj"), name + "ls1.gamma"))];
        }
        if (block.HasMlp) x = [.. x.Select(t => Add(t, Linear([.. Linear(Norm(t, name + "norm2"), name + "mlp.fc1").Select(Gelu)], name + "mlp.fc2"), name + "ls2.gamma"))];
        return x;
    }

    private static double[] Attend(double[][] qkv, int i, BlockConfiguration block, Func<(int A, int B), int, double> bias, Func<int, int, bool> sees)
    {
        int d = block.HeadDim, width = block.AttentionDim;
        var result = new double[width];
        var seen = Enumerable.Range(0, qkv.Length).Where(j => sees(i, j)).ToArray();
        for (int h = 0; h < block.Heads; h++)
        {
            var weights = seen.Select(j => Math.Exp(Enumerable.Range(h * d, d).Sum(c => qkv[i][c] * qkv[j][width + c]) / Math.Sqrt(d) + bias((i, j), h))).ToArray();
            double sum = weights.Sum();
            for (int c = h * d; c < (h + 1) * d; c++) result[c] = seen.Select((j, k) => weights[k] / sum * qkv[j][2 * width + c]).Sum();
        }
        return result;
    }

    private double[] Add(double[] x, double[] branch, string scale) =>
        [.. x.Select((v, i) => v + branch[i] * (_weights.TryGetValue(scale, out var gamma) ? gamma[i] : 1))];

    private double[] Linear(double[] x, string name)
    {
        var weight = _weights[name + ".weight"];
        return [.. Enumerable.Range(0, weight.Length / x.Length).Select(o => x.Select((v, i) => v * weight[o * x.Length + i]).Sum() + (_weights.TryGetValue(name + ".bias", out var bias) ? bias[o] : 0))];
    }

    private double[] Norm(double[] x, string name, double? epsilon = null)
    {
        double mean = x.Average(), deviation = Math.Sqrt(x.Sum(v => (v - mean) * (v - mean)) / x.Length + (epsilon ?? _c.LayerNormEpsilon));
        return [.. x.Select((v, i) => (v - mean) / deviation * _weights[name + ".weight"][i] + _weights[name + ".bias"][i])];
    }

    private static double[] Mean(double[][] x) => [.. x[0].Select((_, d) => x.Average(t => t[d]))];

    private static double Gelu(double x)
    {
        double z = x / Math.Sqrt(2), term = z, sum = z;
        if (Math.Abs(z) > 4) return x > 0 ? x : 0;
        for (int n = 1; n < 100; n++)
        {
            term *= -z * z / n;
            sum += term / (2 * n + 1);
        }
        return x / 2 * (1 + 2 / Math.Sqrt(Math.PI) * sum);
    }
}
