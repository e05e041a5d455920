using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

// A block that computes some tokens only; the others pass it unchanged, or shifted.
internal sealed partial class TransformerBlock
{
    private const double DenseShare = 0.9; // above this share of kept tokens, packing costs more than it saves

    /// <summary>All tokens as the block's attention sees them; the block has an attention half.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <param name="pass">The forward pass.</param>
    public ContextTokens Context(Tensor x, ForwardPass pass)
    {
        var y = Normalised(_norm1!, x, pass);                        // [B, N, C]
        var (key, value) = _attn!.KeyAndValue(y, null, pass);
        return new ContextTokens(y, key, value);
    }

    /// <summary>How much the class token looks at each token, <c>[B, N]</c>; the block has an attention half.</summary>
    /// <param name="context">What <see cref="Context"/> returned.</param>
    /// <param name="pass">The forward pass.</param>
    public Tensor SharesOfFirst(ContextTokens context, ForwardPass pass) => _attn!.SharesOfFirst(context, pass);

    /// <summary>Applies the block to the kept tokens.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>, contiguous; overwritten and returned where the pass allows it.</param>
    /// <param name="kept">The tokens to compute.</param>
    /// <param name="seesAll">Whether they see all tokens, or only each other.</param>
    /// <param name="context">What <see cref="Context"/> returned, where it is there already; read only if they see all tokens.</param>
    /// <param name="shift">Added to the others, <c>[C]</c>, or null.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, N, C]</c>.</returns>
    public Tensor ApplyToKept(Tensor x, KeptTokens kept, bool seesAll, ContextTokens? context, Tensor? shift, ForwardPass pass)
    {
        if (kept.AreAll) return Apply(x, pass);
        using var scope = NewDisposeScope();
        if (seesAll && context is null && kept.Count >= DenseShare * kept.Batch * kept.Tokens) return Result(x, ApplyToAll(x, kept, shift, pass));
        var rows = kept.Pack(x);                                                                     // [1, M, C]
        if (_attn is not null)
        {
            Tensor y;
            if (seesAll)
            {
                context ??= Context(x, pass);
                y = _attn.OfKept(kept.Pack(context.Normalised), context, kept, pass);
            }
            else
            {
                y = _attn.AmongKept(Normalised(_norm1!, rows, pass), kept, pass);
            }
            rows = Precision.AddResidual(rows, DropRows(FromAttention(y), 0, kept, pass), pass);
        }
        if (_mlp is not null)
        {
            var y = _mlp.Apply(Normalised(_norm2!, rows, pass), null, pass);                         // [1, M, C]
            rows = Precision.AddResidual(rows, DropRows(FromMlp(y), 1, kept, pass), pass);
        }
        if (shift is null) return Result(x, kept.Unpack(x, rows, pass));
        // Kept tokens get it too, for they lie among the others, and are then overwritten.
        var shifted = Precision.AddResidual(x, shift.to(x.dtype), pass);                                 // [B, N, C]
        return Result(x, kept.Unpack(shifted, rows, pass));
    }

    /// <summary>Query, key and value of the attention half.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <param name="keep">How many tokens have queries, counted from the first; null for all of them.</param>
    /// <param name="pass">The forward pass.</param>
    public AttentionParts Attending(Tensor x, int? keep, ForwardPass pass)
    {
        var y = Normalised(_norm1!, x, pass);                        // [B, N, C]
        return keep is null ? _attn!.Parts(y, pass) : _attn!.PartsOfFirst(y, keep.Value, pass);
    }

    /// <summary>The residual stream after the attention half.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>; overwritten and returned where the pass allows it.</param>
    /// <param name="parts">What <see cref="Attending"/> returned, perhaps with a mask.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Tokens <c>[B, N or keep, C]</c>.</returns>
    public Tensor AddAttention(Tensor x, AttentionParts parts, ForwardPass pass) => AddHalf(BlockHalf.Attention, x, _attn!.Result(parts, pass), pass);

    /// <summary>The residual stream after the MLP half; itself where the block has none.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>; overwritten and returned where the pass allows it.</param>
    /// <param name="pass">The forward pass.</param>
    public Tensor AddMlp(Tensor x, ForwardPass pass) =>
        _mlp is null ? x : AddHalf(BlockHalf.Mlp, x, _mlp.Apply(Normalised(_norm2!, x, pass), null, pass), pass);

    /// <summary>The whole layer; idle tokens then get their old values back, shifted or not.</summary>
    private Tensor ApplyToAll(Tensor x, KeptTokens kept, Tensor? shift, ForwardPass pass)
    {
        var rows = kept.IdleRows();
        var idle = x.flatten(0, 1).index_select(0, rows);            // [idle, C]
        if (shift is not null) idle = idle + shift.to(x.dtype);
        var result = Apply(x, pass);                                 // [B, N, C]
        if (!pass.Cached) return result.flatten(0, 1).index_copy(0, rows, idle).view(x.shape);
        result.view(kept.Batch * kept.Tokens, -1).index_copy_(0, rows, idle);
        return result;
    }

    /// <summary>Stochastic depth of packed rows: each has the factor of its image.</summary>
    private Tensor DropRows(Tensor branch, int half, KeptTokens kept, ForwardPass pass)
    {
        if (pass.Branches is null) return branch;
        var images = kept.Rows.div(kept.Tokens, RoundingMode.floor);                                  // [M]
        return branch * pass.Branches.select(0, 2 * _index + half).view(-1, 1).index_select(0, images); // [1, M, C]
    }

    private static Tensor Result(Tensor x, Tensor result) => ReferenceEquals(x, result) ? x : result.MoveToOuterDisposeScope();
}
