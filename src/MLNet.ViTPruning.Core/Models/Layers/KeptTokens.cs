using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Which tokens of a batch a block computes, and where they stand in one matrix without padding: image after image, so that norms
/// and linear layers need no loop and no mask.</summary>
/// <remarks>Its tensors belong to the scope in which it was made.</remarks>
internal sealed class KeptTokens
{
    private const int StepsPerOctave = 32;  // row counts that occur between a power of two and the next
    private const long CallWork = 1 << 22;  // multiply-adds of attention that take as long as one call of it
    private const int FewRows = 256, FewRowsStep = 4, TileRows = 16; // linear layers compute larger matrices in tiles of 16 rows

    private readonly bool? _together;

    private KeptTokens(long batch, long tokens, int[] counts, Tensor rows, long count, bool countsVary, bool? together)
    {
        (Batch, Tokens, Counts, Rows, Count) = (batch, tokens, counts, rows, count);
        (CountsVary, _together) = (countsVary, together);
    }

    /// <summary>Images B.</summary>
    public long Batch { get; }

    /// <summary>Tokens N of an image, prefix tokens included.</summary>
    public long Tokens { get; }

    /// <summary>Kept tokens of each image, prefix tokens included.</summary>
    public int[] Counts { get; }

    /// <summary>Rows of <c>[B * N, C]</c> that make up the packed matrix, int64 <c>[M]</c>. Rows beyond <see cref="Count"/> repeat one: libraries
    /// prepare a kernel for each number of rows, so that few numbers should occur.</summary>
    public Tensor Rows { get; }

    /// <summary>Kept tokens of the batch.</summary>
    public long Count { get; }

    /// <summary>Whether the counts depend on the images.</summary>
    public bool CountsVary { get; }

    /// <summary>The images as attention takes them, in their order: all together on an accelerator, where calls cost most, in groups on a CPU.</summary>
    /// <param name="work">Multiply-adds of attention for an image of so many kept tokens.</param>
    public IReadOnlyList<KeptGroup> Groups(Func<long, long> work) => (_together ?? Rows.device_type != DeviceType.CPU) ? KeptGroups.Together(this)
        : _together is null ? KeptGroups.Cheapest(this, work, CallWork) : KeptGroups.Each(this);

    /// <summary>Whether no token is left out.</summary>
    public bool AreAll => Count == Batch * Tokens;

    /// <summary>Tokens chosen one by one.</summary>
    /// <param name="keep">Whether each patch is kept, bool <c>[B, P]</c>; prefix tokens always are.</param>
    /// <param name="prefix">Tokens before the patches.</param>
    /// <param name="together">Whether attention takes all images together; null for what suits device and sizes.</param>
    public static KeptTokens OfMask(Tensor keep, int prefix, bool? together = null)
    {
        long b = keep.shape[0], patches = keep.shape[1], n = prefix + patches;
        bool[] mask = ToHost(keep);
        int[] counts = [.. Enumerable.Range(0, (int)b).Select(i => prefix + mask.AsSpan((int)(i * patches), (int)patches).Count(true))];
        long kept = counts.Sum(count => (long)count), at = 0;
        long[] rows = new long[Padded(kept)];
        for (long image = 0; image < b; image++)
        {
            for (long t = 0; t < n; t++)
                if (t < prefix || mask[image * patches + t - prefix]) rows[at++] = image * n + t;
        }
        if (at > 0) Array.Fill(rows, rows[at - 1], (int)at, rows.Length - (int)at);
        return new KeptTokens(b, n, counts, tensor(rows, device: keep.device), kept, countsVary: true, together);
    }

    /// <summary>Equally many tokens of each image: shapes that do not depend on the images, and nothing waits for an accelerator.</summary>
    /// <param name="patches">Indices of the kept patches, int64 <c>[B, k]</c>, in any order.</param>
    /// <param name="patchCount">Patches P of an image.</param>
    /// <param name="prefix">Tokens before the patches.</param>
    /// <param name="together">Whether attention takes all images together; null for what suits device and sizes.</param>
    public static KeptTokens OfIndices(Tensor patches, long patchCount, int prefix, bool? together = null)
    {
        long b = patches.shape[0], n = prefix + patchCount, m = prefix + patches.shape[1];
        var first = arange(b, dtype: ScalarType.Int64, device: patches.device).mul(n).unsqueeze(1);                                      // [B, 1]
        var before = arange(prefix, dtype: ScalarType.Int64, device: patches.device).unsqueeze(0);              // [1, prefix]
        var rows = cat([before + first, patches + first + prefix], 1).flatten();                                // [B * m]
        int[] counts = new int[b];
        Array.Fill(counts, (int)m);
        return new KeptTokens(b, n, counts, rows, b * m, countsVary: false, together);
    }

    /// <summary>The kept rows of the residual stream.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>.</param>
    /// <returns>The packed matrix as one image, <c>[1, M, C]</c>.</returns>
    public Tensor Pack(Tensor x) => x.flatten(0, 1).index_select(0, Rows).unsqueeze(0);

    /// <summary>The residual stream with new values of its kept rows; the others keep theirs.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c>, contiguous; overwritten and returned where the pass allows it.</param>
    /// <param name="packed">New values <c>[1, M, C]</c>.</param>
    /// <param name="pass">The forward pass.</param>
    public Tensor Unpack(Tensor x, Tensor packed, ForwardPass pass)
    {
        var values = packed.squeeze(0).narrow(0, 0, Count);                                  // [count, C]
        var rows = Rows.narrow(0, 0, Count);
        if (!pass.Cached) return x.flatten(0, 1).index_copy(0, rows, values).view(x.shape);  // [B, N, C]
        x.view(Batch * Tokens, x.shape[2]).index_copy_(0, rows, values);
        return x;
    }

    /// <summary>The rows that are left out, int64 <c>[B * N - count]</c>.</summary>
    public Tensor IdleRows()
    {
        var idle = ones(Batch * Tokens, dtype: ScalarType.Bool, device: Rows.device);
        return idle.index_fill_(0, Rows, false).nonzero().squeeze(1);
    }

    private static bool[] ToHost(Tensor keep)
    {
        using var values = keep.cpu().contiguous().data<bool>();
        return values.ToArray();
    }

    private static long Padded(long rows)
    {
        long step = rows < FewRows ? FewRowsStep : Math.Max(TileRows, (1L << BitOperations.Log2((ulong)rows)) / StepsPerOctave);
        return (rows + step - 1) / step * step;
    }
}
