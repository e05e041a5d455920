using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Images whose kept tokens go through the attention product together: on a CPU one image, whose rows of the packed matrix are views and
/// need no padding; on an accelerator, or in a small model, where every call costs more than padding, the whole batch, padded to the largest count.</summary>
/// <remarks>One by one, sixteen images of a ViT-Tiny with 1 to 127 of 197 tokens each took 4.1 ms a layer on two threads, padded in groups of eight
/// 6.3 ms, for what is padded is computed, and keys and values are copied; with 60 tokens each 3.3 and 5.1 ms.</remarks>
internal sealed class KeptGroup
{
    private const int CountStep = 8; // libraries prepare a kernel for each number of queries too

    private readonly int[] _counts;
    private readonly long _first, _rows, _most;
    private readonly long? _image;
    private readonly Tensor? _slots, _back;

    private KeptGroup(int[] counts, long most, long first, long rows, long? image) => (_counts, _most, _first, _rows, _image) = (counts, most, first, rows, image);

    private KeptGroup(int[] counts, long most, long rows, Device device) : this(counts, most, 0, rows, null)
    {
        if (_most * counts.Length == rows && Array.TrueForAll(counts, count => count == _most)) return; // the rows are a block already
        long[] slots = new long[counts.Length * _most], back = new long[rows];
        for (long image = 0, at = 0; image < counts.Length; at += counts[image++])
        {
            for (long s = 0; s < _most; s++)
            {
                bool real = s < counts[image];
                slots[image * _most + s] = at + (real ? s : 0);
                if (real) back[at + s] = image * _most + s;
            }
        }
        (_slots, _back) = (tensor(slots, device: device), tensor(back, device: device));
    }

    /// <summary>Every image by itself.</summary>
    /// <param name="kept">The tokens.</param>
    public static KeptGroup[] Each(KeptTokens kept)
    {
        var groups = new KeptGroup[kept.Counts.Length];
        long first = 0;
        for (int i = 0; i < groups.Length; first += kept.Counts[i++])
            groups[i] = new KeptGroup([kept.Counts[i]], kept.Counts[i], first, kept.Counts[i], i);
        return groups;
    }

    /// <summary>All images together.</summary>
    /// <param name="kept">The tokens.</param>
    /// <param name="roundCount">Whether the largest count is rounded up, because it varies from batch to batch.</param>
    public static KeptGroup[] Together(KeptTokens kept, bool roundCount)
    {
        long most = kept.Counts.Max();
        if (roundCount) most = Math.Min(kept.Tokens, (most + CountStep - 1) / CountStep * CountStep);
        return [new KeptGroup(kept.Counts, most, kept.Rows.shape[0], kept.Rows.device)];
    }

    /// <summary>The group's rows image by image.</summary>
    /// <param name="packed">The packed matrix <c>[M, W]</c>.</param>
    /// <returns>Rows <c>[b, m, W]</c>; beyond an image's count they repeat its first.</returns>
    public Tensor Pad(Tensor packed) =>
        (_slots is null ? packed.narrow(0, _first, _rows) : packed.index_select(0, _slots)).view(_counts.Length, _most, packed.shape[1]);

    /// <summary>The group's part of the packed matrix.</summary>
    /// <param name="padded">Rows <c>[b, m, W]</c>.</param>
    /// <returns>Rows <c>[rows, W]</c>; without the packed matrix's padding where the group is one image.</returns>
    public Tensor Pack(Tensor padded) => _back is null ? padded.flatten(0, 1) : padded.flatten(0, 1).index_select(0, _back);

    /// <summary>The group's images of something that has an entry for each.</summary>
    /// <param name="all">Any tensor <c>[B, ...]</c>.</param>
    public Tensor Of(Tensor all) => _image is { } image ? all.narrow(0, image, 1) : all;

    /// <summary>What hides the padding from attention between the group's rows: minus infinity there, zero elsewhere.</summary>
    /// <param name="like">A tensor of the wanted type and device.</param>
    /// <returns>A mask <c>[b, 1, 1, m]</c>, or null where there is no padding.</returns>
    public Tensor? KeyMask(Tensor like)
    {
        if (_slots is null) return null;
        float[] mask = new float[_counts.Length * _most];
        for (int image = 0; image < _counts.Length; image++)
            Array.Fill(mask, float.NegativeInfinity, (int)(image * _most) + _counts[image], (int)_most - _counts[image]);
        return tensor(mask, [_counts.Length, 1, 1, _most], device: like.device).to(like.dtype);
    }
}
