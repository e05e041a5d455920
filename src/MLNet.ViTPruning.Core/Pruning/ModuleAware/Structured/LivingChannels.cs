using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>The channels of a block that its result depends on by more than a constant.</summary>
/// <remarks>Query and key channels and value channels are told apart: within a head either may be permuted without the other.</remarks>
internal sealed class LivingChannels
{
    private readonly Dictionary<string, Tensor> _weights;
    private readonly string _prefix;
    private readonly BlockConfiguration _before;
    private List<int> _heads = [], _keys = [], _values = [], _hidden = [];    // all ascending; keys: those of query and key

    private LivingChannels(BlockConfiguration before, Dictionary<string, Tensor> weights, string prefix) => (_before, _weights, _prefix) = (before, weights, prefix);

    /// <summary>The block's sizes without the rest.</summary>
    public BlockConfiguration Size => new(_heads.Count, _heads.Count == 0 ? 0 : _values.Count / _heads.Count, _hidden.Count);

    /// <summary>Searches a block.</summary>
    /// <param name="block">Its sizes.</param>
    /// <param name="weights">The model's state dict.</param>
    /// <param name="prefix">What the block's keys begin with, without the last dot.</param>
    public static LivingChannels Find(BlockConfiguration block, Dictionary<string, Tensor> weights, string prefix)
    {
        using var scope = NewDisposeScope();
        var living = new LivingChannels(block, weights, prefix);
        if (block.HasAttention) living.SearchAttention();
        if (block.HasMlp) living.SearchMlp();
        return living;
    }

    public DeadGroupCounts Counts(int block) =>
        new(block, _before.Heads - _heads.Count, _heads.Count * (_before.HeadDim - Size.HeadDim), _before.MlpHiddenDim - _hidden.Count);

    /// <summary>Adds how each tensor of the block is cut, by state-dict key.</summary>
    public void AddSlices(Dictionary<string, Func<Tensor, Tensor>> slices)
    {
        if (_before.HasAttention) AddAttention(slices);
        if (!_before.HasMlp) return;
        foreach (var name in (string[])["fc1.weight", "fc1.bias", "dwconv.weight", "dwconv.bias"])
            slices[$"{_prefix}.mlp.{name}"] = weight => ModelSlicer.Select(weight, 0, _hidden);                    // [kept, ...]
        slices[_prefix + ".mlp.fc2.weight"] = weight => ModelSlicer.Select(weight, 1, _hidden);                    // [C, kept]
        slices[_prefix + ".mlp.fc2.bias"] = bias => WithConstants(bias, "mlp.fc2.weight", _hidden, Constants());   // [C]
    }

    private void AddAttention(Dictionary<string, Func<Tensor, Tensor>> slices)
    {
        int width = _before.AttentionDim;
        List<int> query = _keys, keyValue = [.. _keys, .. _values.Select(c => width + c)];
        double factor = Math.Sqrt((double)Size.HeadDim / _before.HeadDim);    // the softmax scale is headDim^-0.5
        Tensor WithQuery(Tensor weight, List<int> rows)
        {
            var sliced = ModelSlicer.Select(weight, 0, rows);                                                      // [parts * kept, C] or [parts * kept]
            if (factor != 1) sliced.narrow(0, 0, _keys.Count).mul_(factor);
            return sliced;
        }
        foreach (var kind in (string[])["weight", "bias"])
        {
            slices[$"{_prefix}.attn.qkv.{kind}"] = weight => WithQuery(weight, [.. query, .. keyValue.Select(c => width + c)]);
            slices[$"{_prefix}.attn.q.{kind}"] = weight => WithQuery(weight, query);
            slices[$"{_prefix}.attn.kv.{kind}"] = weight => ModelSlicer.Select(weight, 0, keyValue);
        }
        slices[_prefix + ".attn.proj.weight"] = weight => ModelSlicer.Select(weight, 1, _values);                  // [C, kept]
        slices[_prefix + ".attn.proj.bias"] = bias => WithConstants(bias, "attn.proj.weight", _values, Projected("bias").narrow(0, 2 * width, width));    // [C]
        slices[_prefix + ".attn.relative_position_bias_table"] = table => ModelSlicer.Select(table, 1, _heads);    // [positions, heads]
    }

    private void SearchAttention()
    {
        int width = _before.AttentionDim, headDim = _before.HeadDim;
        double[] weights = Sums(Projected("weight"), 0), biases = Sums(Projected("bias"), 0), read = Sums(Get("attn.proj.weight"), 1);
        // A key that is the same for every token adds the same to all logits of a query, which softmax does not see.
        bool ChangesNoLogits(int c) => weights[width + c] == 0 || (weights[c] == 0 && biases[c] == 0);
        bool IsConstant(int c) => weights[2 * width + c] == 0 || read[c] == 0;
        IEnumerable<int> Channels(int head) => Enumerable.Range(head * headDim, headDim);

        _heads = [.. Enumerable.Range(0, _before.Heads).Where(head => !Channels(head).All(IsConstant))];
        if (_heads.Count == 0) _heads.Add(0);
        int gone = Math.Min(headDim - 1, _heads.Min(head => Math.Min(Channels(head).Count(ChangesNoLogits), Channels(head).Count(IsConstant))));
        List<int> Rest(Func<int, bool> isDead) => [.. _heads.SelectMany(head => Channels(head).Except(Channels(head).Where(isDead).Take(gone)))];
        (_keys, _values) = (Rest(ChangesNoLogits), Rest(IsConstant));
    }

    private void SearchMlp()
    {
        double[] weights = Sums(Get("mlp.fc1.weight"), 0), biases = Sums(Get("mlp.fc1.bias"), 0), read = Sums(Get("mlp.fc2.weight"), 1);
        double[]? kernels = Find("mlp.dwconv.weight") is { } kernel ? Sums(kernel, 0) : null;
        // Behind a convolution, whose margins are zeros, only a zero is the same for every token.
        bool IsConstant(int c) => read[c] == 0 || (kernels is null ? weights[c] == 0 : kernels[c] == 0 || (weights[c] == 0 && biases[c] == 0));
        _hidden = [.. Enumerable.Range(0, _before.MlpHiddenDim).Where(c => !IsConstant(c))];
        if (_hidden.Count == 0) _hidden.Add(0);
    }

    /// <summary>What the hidden channels are where their input has no effect, <c>[M]</c>.</summary>
    private Tensor Constants() => (Find("mlp.dwconv.bias") ?? Get("mlp.fc1.bias")).detach().to(float64).gelu();

    /// <summary>A bias with what removed channels, each a constant, add to it.</summary>
    private Tensor WithConstants(Tensor bias, string matrix, List<int> kept, Tensor constants)
    {
        int[] removed = [.. Enumerable.Range(0, (int)constants.shape[0]).Except(kept)];
        if (removed.Length == 0) return bias;
        var columns = ModelSlicer.Select(Get(matrix).to(float64), 1, removed);                                     // [C, removed]
        return (bias.to(float64) + columns.matmul(ModelSlicer.Select(constants.to(float64), 0, removed))).to(bias.dtype);    // [C]
    }

    /// <summary>Query, key and value one after the other, <c>[3 * D, C]</c> or <c>[3 * D]</c>.</summary>
    private Tensor Projected(string kind) => Find("attn.qkv." + kind) ?? cat([Get("attn.q." + kind), Get("attn.kv." + kind)], 0);

    private Tensor? Find(string name) => _weights.GetValueOrDefault($"{_prefix}.{name}");

    private Tensor Get(string name) => _weights[$"{_prefix}.{name}"].detach();

    /// <summary>The sums of absolute values along a dimension, one for each channel; 0 only where all are zero.</summary>
    private static double[] Sums(Tensor weight, long dimension)
    {
        var values = weight.detach().to(float64).cpu().abs();
        if (values.ndim > 1) values = values.movedim([dimension], [0]).flatten(1).sum([1]);                        // [channels]
        using var sums = values.contiguous().data<double>();
        return sums.ToArray();
    }
}
