using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>Multiply-adds that a model which skips patches executes for an image, whole model: patch embedding, scorers and head included.</summary>
/// <remarks>A layer of N tokens, m of which it computes (prefix tokens included), width C, D attention and M hidden channels:
/// <c>2 N C D + m (2 C D + 2 N D + 2 C M)</c> where computed tokens see all, <c>m (4 C D + 2 m D + 2 C M)</c> where they see each other. A scorer
/// costs <c>64 N (C + 1)</c> and more with more input. Counted is what the method needs: a layer that is computed as a whole because that is
/// faster counts the same.</remarks>
public sealed class SkipMacs
{
    private readonly PatchSkipConfiguration _skipping;
    private readonly List<BlockConfiguration> _blocks;
    private readonly long _outside, _width, _tokens;
    private readonly bool _shortLast;

    /// <param name="model">The model's configuration: a ViT or DeiT.</param>
    /// <param name="skipping">How it skips.</param>
    /// <exception cref="ArgumentException">The model cannot skip like this; all faults in one message.</exception>
    public SkipMacs(ModelConfiguration model, PatchSkipConfiguration skipping)
    {
        ArgumentNullException.ThrowIfNull(skipping);
        skipping.Validate(model);
        _skipping = skipping;
        _blocks = [.. model.Blocks];
        (_width, _tokens, Prefix) = (model.NumFeatures, model.TokensOf(0), model.PrefixTokens());
        _shortLast = model.Pooling == Pooling.ClassToken;
        var size = ModelSize.Of(model);
        Dense = size.Macs;
        _outside = size.Components.Where(c => c.Block is null).Sum(c => c.Macs);
        DenseExecuted = _outside + _blocks.Select((_, layer) => Whole(layer)).Sum();
    }

    /// <summary>Tokens of an image, prefix tokens included.</summary>
    public long Tokens => _tokens;

    /// <summary>Prefix tokens, which are always computed.</summary>
    public int Prefix { get; }

    /// <summary>Multiply-adds of the whole architecture, every token computed by every layer.</summary>
    public long Dense { get; }

    /// <summary>Multiply-adds that the dense model executes: its last layer computes the class token alone where nothing else is read.</summary>
    public long DenseExecuted { get; }

    /// <summary>Multiply-adds of the model where the number of patches does not depend on the image.</summary>
    /// <exception cref="InvalidOperationException">It does: the configuration has thresholds.</exception>
    public long Executed()
    {
        if (_skipping.Method == PatchSkipMethod.Merging) return ExecutedWhenMerging();
        if (_skipping.Method == PatchSkipMethod.Learned)
            throw new InvalidOperationException("What thresholds keep depends on the image; give the number of patches that each layer computes.");
        return Executed([.. _skipping.Layers.Select(layer => layer.PatchesKept!.Value)]);
    }

    /// <summary>Multiply-adds of the model for an image.</summary>
    /// <param name="patchesKept">Patches that each of the configuration's layers computes, in their order.</param>
    /// <exception cref="ArgumentException">There is not one number for each layer.</exception>
    public long Executed(IReadOnlyList<int> patchesKept)
    {
        ArgumentNullException.ThrowIfNull(patchesKept);
        if (patchesKept.Count != _skipping.Layers.Count)
            throw new ArgumentException($"patchesKept has {patchesKept.Count} numbers; the configuration has {_skipping.Layers.Count} layers.", nameof(patchesKept));
        long sum = DenseExecuted;
        for (int i = 0; i < patchesKept.Count; i++)
        {
            int layer = _skipping.Layers[i].Layer;
            sum += Layer(layer, patchesKept[i]) - Whole(layer);
        }
        return sum;
    }

    /// <summary>Multiply-adds of one skipping layer, its selection included.</summary>
    /// <param name="layer">The layer's index.</param>
    /// <param name="patchesKept">Patches that it computes.</param>
    public long Layer(int layer, int patchesKept) => Selection(layer) + Computed(layer, _tokens, Prefix + patchesKept, _skipping.ContextAttention);

    /// <summary>Share of the executed multiply-adds that an image was spared.</summary>
    /// <param name="executed">Multiply-adds executed for it.</param>
    public double Saved(double executed) => 1 - executed / DenseExecuted;

    /// <summary>Tokens that the attention of each merging layer has.</summary>
    internal int[] TokensInMergingLayers()
    {
        var tokens = new List<int>();
        long n = _tokens;
        foreach (var layer in _skipping.Layers)
        {
            tokens.Add((int)n);
            n -= Merged(layer.Layer, n);
        }
        return [.. tokens];
    }

    private long ExecutedWhenMerging()
    {
        long sum = _outside, n = _tokens;
        for (int layer = 0; layer < _blocks.Count; layer++)
        {
            long r = Merged(layer, n), attention = Attention(layer, n, IsShort(layer) ? Prefix : n, seesAll: true);
            if (r > 0) sum += (n + 1) / 2 * (n / 2) * _blocks[layer].HeadDim; // the similarities
            n -= r;
            sum += attention + Mlp(layer, IsShort(layer) ? Prefix : n);
        }
        return sum;
    }

    private long Merged(int layer, long tokens) =>
        _blocks[layer].HasAttention ? Math.Min(_skipping.Of(layer)?.TokensMerged ?? 0, TokenMerging.Most(tokens, Prefix)) : 0;

    private long Selection(int layer)
    {
        long d = _blocks[layer].AttentionDim;
        return _skipping.Method switch
        {
            PatchSkipMethod.Learned or PatchSkipMethod.LearnedTopK => PatchScorer.Macs(_skipping.Input, _tokens, _width),
            // The class token's query and its products with the keys; where the layer needs neither keys nor values of all tokens, those too.
            PatchSkipMethod.ClassAttention => _width * d + _tokens * d + (_skipping.ContextAttention ? 0 : 2 * _tokens * _width * d),
            _ => 0,
        };
    }

    private bool IsShort(int layer) => _shortLast && layer == _blocks.Count - 1;

    /// <summary>Multiply-adds of a layer that computes every token.</summary>
    internal long Whole(int layer) => Computed(layer, _tokens, IsShort(layer) ? Prefix : _tokens, seesAll: true);

    private long Computed(int layer, long n, long m, bool seesAll) => Attention(layer, n, m, seesAll) + Mlp(layer, m);

    private long Attention(int layer, long n, long m, bool seesAll)
    {
        long d = _blocks[layer].AttentionDim, seen = seesAll ? n : m;
        return 2 * seen * _width * d + m * (2 * _width * d + 2 * seen * d);
    }

    private long Mlp(int layer, long m) => m * 2 * _width * _blocks[layer].MlpHiddenDim;
}
