using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Images whose kept tokens go through the attention product together, padded to the largest count among them.</summary>
internal sealed class KeptGroup
{
    private const int CountStep = 8; // libraries prepare a kernel for each number of queries too

    private readonly int[] _counts;
    private readonly long _first, _rows, _most;
    private readonly Tensor? _images, _slots, _back;

    private KeptGroup(int[] counts, long most, long first, long rows, long[]? images, Device device)
    {
        (_counts, _most, _first, _rows) = (counts, most, first, rows);
        if (images is not null) _images = tensor(images, device: device);
        if (_most * counts.Length == rows && Array.TrueForAll(counts, count => count == _most)) return; // the rows are a block already
        long[] slots = new long[counts.Length * _most], back = new long[rows];
        for (long image = 0, at = 0; image < counts.Length; at += counts[image++])
        {
            for (long s = 0; s < _most; s++)
            {
                bool real = s < counts[image];
                slots[image * _most + s] = first + at + (real ? s : 0);
                if (real) back[at + s] = image * _most + s;
            }
        }
        (_slots, _back) = (tensor(slots, device: device), tensor(back, device: device));
    }

    /// <summary>Cuts the packed matrix into groups.</summary>
    /// <param name="kept">The tokens.</param>
    /// <param name="images">Images of a group.</param>
    /// <param name="roundCounts">Whether the largest count of a group is rounded up, because it varies from batch to batch.</param>
    /// <param name="device">Where the indices shall be.</param>
    public static KeptGroup[] Split(KeptTokens kept, int images, bool roundCounts, Device device)
    {
        var groups = new List<KeptGroup>();
        long first = 0;
        foreach (long[] group in kept.Order.Chunk(Math.Max(1, images)))
        {
            int[] counts = [.. group.Select(image => kept.Counts[image])];
            bool last = (groups.Count + 1) * (long)images >= kept.Batch;
            long rows = last ? kept.Rows.shape[0] - first : counts.Sum(); // the last one takes the padding along
            long most = counts.Max();
            if (roundCounts) most = Math.Min(kept.Tokens, (most + CountStep - 1) / CountStep * CountStep);
            groups.Add(new KeptGroup(counts, most, first, rows, group.Length == kept.Batch ? null : group, device));
            first += rows;
        }
        return [.. groups];
    }

    /// <summary>The group's rows image by image.</summary>
    /// <param name="packed">The packed matrix <c>[M, W]</c>.</param>
    /// <returns>Rows <c>[b, m, W]</c>; beyond an image's count they repeat its first.</returns>
    public Tensor Pad(Tensor packed) =>
        (_slots is null ? packed.narrow(0, _first, _rows) : packed.index_select(0, _slots)).view(_counts.Length, _most, packed.shape[1]);

    /// <summary>The group's part of the packed matrix.</summary>
    /// <param name="padded">Rows <c>[b, m, W]</c>.</param>
    /// <returns>Rows <c>[rows, W]</c>.</returns>
    public Tensor Pack(Tensor padded) => _back is null ? padded.flatten(0, 1) : padded.flatten(0, 1).index_select(0, _back);

    /// <summary>The group's images of something that has an entry for each.</summary>
    /// <param name="all">Any tensor <c>[B, ...]</c>.</param>
    public Tensor Of(Tensor all) => _images is null ? all : all.index_select(0, _images);

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
