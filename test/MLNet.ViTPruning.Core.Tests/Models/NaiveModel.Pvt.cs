using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Tests.Models;

// PVTv2: convolutions as sums over neighbours, pixel by pixel.
internal sealed partial class NaiveModel
{
    private const double EpsilonBehindConvolutions = 1e-5;

    private double[] Pvt(double[] image)
    {
        int side = _c.ImageSize;
        double[][] x = [.. Enumerable.Range(0, side * side).Select(p => Enumerable.Range(0, 3).Select(ch => image[ch * side * side + p]).ToArray())];
        for (int s = 0; s < _c.Stages.Count; s++)
        {
            string opening = s == 0 ? "patch_embed." : $"stages.{s}.downsample.";
            int stride = s == 0 ? _c.PatchSize : 2, kernel = s == 0 ? 2 * stride - 1 : 3;
            x = [.. Convolve(x, side, opening + "proj", kernel, stride, kernel / 2).Select(t => Norm(t, opening + "norm", EpsilonBehindConvolutions))];
            side /= stride;
            for (int i = 0; i < _c.Stages[s].Blocks.Count; i++) x = PvtBlock(x, side, $"stages.{s}.blocks.{i}.", _c.Stages[s].Blocks[i], _c.ReductionRatios![s]);
            x = [.. x.Select(t => Norm(t, $"stages.{s}.norm"))];
        }
        return Linear(Mean(x), "head");
    }

    private double[][] PvtBlock(double[][] x, int side, string name, BlockConfiguration block, int ratio)
    {
        if (block.HasAttention)
        {
            double[][] normed = [.. x.Select(t => Norm(t, name + "norm1"))], seen = normed;
            if (ratio > 1) seen = [.. Convolve(normed, side, name + "attn.sr", ratio, ratio, 0).Select(t => Norm(t, name + "attn.norm", EpsilonBehindConvolutions))];
            double[][] keyValue = [.. seen.Select(t => Linear(t, name + "attn.kv"))];
            x = [.. x.Select((t, i) => Sum(t, Linear(Attend(Linear(normed[i], name + "attn.q"), keyValue, block), name + "attn.proj")))];
        }
        if (block.HasMlp)
        {
            double[][] hidden = [.. x.Select(t => Linear(Norm(t, name + "norm2"), name + "mlp.fc1"))];
            hidden = Convolve(hidden, side, name + "mlp.dwconv", 3, 1, 1, depthWise: true);
            x = [.. x.Select((t, i) => Sum(t, Linear([.. hidden[i].Select(Gelu)], name + "mlp.fc2")))];
        }
        return x;
    }

    private static double[] Attend(double[] query, double[][] keyValue, BlockConfiguration block)
    {
        int d = block.HeadDim;
        var result = new double[block.AttentionDim];
        for (int h = 0; h < block.Heads; h++)
        {
            double[] weights = [.. keyValue.Select(kv => Math.Exp(Enumerable.Range(h * d, d).Sum(c => query[c] * kv[c]) / Math.Sqrt(d)))];
            for (int c = h * d; c < (h + 1) * d; c++) result[c] = keyValue.Select((kv, j) => weights[j] / weights.Sum() * kv[block.AttentionDim + c]).Sum();
        }
        return result;
    }

    private double[][] Convolve(double[][] x, int side, string name, int kernel, int stride, int padding, bool depthWise = false)
    {
        double[] weight = _weights[name + ".weight"], bias = _weights[name + ".bias"];
        int inputs = depthWise ? 1 : x[0].Length, outSide = side / stride;
        var result = new double[outSide * outSide][];
        for (int place = 0; place < result.Length; place++)
        {
            result[place] = [.. bias];
            for (int o = 0; o < bias.Length; o++)
                for (int i = 0; i < inputs; i++)
                    for (int k = 0; k < kernel * kernel; k++)
                    {
                        int row = place / outSide * stride - padding + k / kernel, column = place % outSide * stride - padding + k % kernel;
                        if (row < 0 || column < 0 || row >= side || column >= side) continue;
                        result[place][o] += weight[(o * inputs + i) * kernel * kernel + k] * x[row * side + column][depthWise ? o : i];
                    }
        }
        return result;
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
