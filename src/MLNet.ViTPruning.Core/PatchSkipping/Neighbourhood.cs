using MLNet.ViTPruning.Models.Layers;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>The mean over the neighbours of each patch on the grid: eight inside, five at an edge, three in a corner.</summary>
/// <param name="side">Side of the grid in patches.</param>
/// <param name="channels">Channels of what is averaged.</param>
internal sealed class Neighbourhood(int side, int channels) : IDisposable
{
    private readonly ConstantTensor _kernel = new(() =>
    {
        float[] ring = [1, 1, 1, 1, 0, 1, 1, 1, 1];
        return tensor(ring, [1, 1, 3, 3]).expand(channels, 1, 3, 3).contiguous();
    });

    private readonly ConstantTensor _shares = new(() =>
    {
        float[] shares = new float[side * side];
        for (int i = 0; i < shares.Length; i++)
            shares[i] = 1f / Math.Max(1, Reach(i / side, side) * Reach(i % side, side) - 1);
        return tensor(shares, [1, 1, side, side]);
    });

    /// <summary>The mean of each patch's neighbours.</summary>
    /// <param name="patches">Patches <c>[B, P, channels]</c>, row by row.</param>
    /// <returns>Means <c>[B, P, channels]</c>; zero where there are no neighbours.</returns>
    public Tensor Mean(Tensor patches)
    {
        using var scope = NewDisposeScope();
        var image = patches.unflatten(1, side, side).permute(0, 3, 1, 2);                                              // [B, channels, g, g]
        var sums = nn.functional.conv2d(image, _kernel.On(patches).to(patches.dtype), padding: [1, 1], groups: channels); // [B, channels, g, g]
        return (sums * _shares.On(patches).to(patches.dtype)).permute(0, 2, 3, 1).flatten(1, 2).MoveToOuterDisposeScope(); // [B, P, channels]
    }

    private static int Reach(int position, int side) => Math.Min(position + 1, side - 1) - Math.Max(position - 1, 0) + 1;

    /// <inheritdoc/>
    public void Dispose()
    {
        _kernel.Dispose();
        _shares.Dispose();
    }
}
