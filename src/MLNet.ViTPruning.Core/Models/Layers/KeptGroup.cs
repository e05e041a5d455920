using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Consecutive images of a batch whose kept tokens go through the attention product together: one image, or equally many tokens of each, as
/// views of the packed matrix; else padded to the largest count. Keys and values of all tokens are views in either case.</summary>
internal sealed class KeptGroup
{
    private readonly int[] _counts;
    private readonly int _image;
    private readonly long _row, _most;
    private readonly Tensor? _slots, _back;

    /// <param name="kept">The tokens of the batch.</param>
    /// <param name="image">The first image.</param>
    /// <param name="images">How many images.</param>
    /// <param name="row">Row of the packed matrix with which they begin.</param>
    /// <param name="most">Tokens to which each is padded, at least the largest count.</param>
    public KeptGroup(KeptTokens kept, int image, int images, long row, long most)
    {
        (_counts, _image, _row, _most) = (kept.Counts[image..(image + images)], image, row, most);
        if (Array.TrueForAll(_counts, count => count == most)) return; // the rows are a block already
        long[] slots = new long[images * most], back = new long[_counts.Sum()];
        long at = 0;
        for (int i = 0; i < images; at += _counts[i++])
        {
            for (long s = 0; s < most; s++)
            {
                bool real = s < _counts[i];
                slots[i * most + s] = row + at + (real ? s : 0);
                if (real) back[at + s] = i * most + s;
            }
        }
        (_slots, _back) = (tensor(slots, device: kept.Rows.device), tensor(back, device: kept.Rows.device));
    }

    /// <summary>How many images.</summary>
    public int Images => _counts.Length;

    /// <summary>The group's rows image by image.</summary>
    /// <param name="packed">The packed matrix <c>[M, W]</c>.</param>
    /// <returns>Rows <c>[b, m, W]</c>; beyond an image's count they repeat its first.</returns>
    public Tensor Pad(Tensor packed) =>
        (_slots is null ? packed.narrow(0, _row, _counts.Length * _most) : packed.index_select(0, _slots)).view(_counts.Length, _most, packed.shape[1]);

    /// <summary>The group's part of the packed matrix.</summary>
    /// <param name="padded">Rows <c>[b, m, W]</c>.</param>
    /// <returns>Rows <c>[rows, W]</c>.</returns>
    public Tensor Pack(Tensor padded) => _back is null ? padded.flatten(0, 1) : padded.flatten(0, 1).index_select(0, _back);

    /// <summary>The group's images of something that has an entry for each.</summary>
    /// <param name="all">Any tensor <c>[B, ...]</c>.</param>
    public Tensor Of(Tensor all) => all.narrow(0, _image, _counts.Length);

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
