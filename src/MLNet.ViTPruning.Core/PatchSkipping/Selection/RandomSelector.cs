using MLNet.ViTPruning.Training;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Selection;

/// <summary>Selects a fixed number of patches at random. An image's draw follows from its own pixels, the layer and a seed, so that it is the
/// same in every batch.</summary>
/// <param name="seed">The seed.</param>
internal sealed class RandomSelector(long seed) : IPatchSelector
{
    /// <inheritdoc/>
    public PatchSelection Select(LayerInput input)
    {
        int count = input.Policy.PatchesKept!.Value, patches = (int)input.Patches;
        long b = input.Tokens.shape[0];
        long[] indices = new long[b * count];
        long[] order = new long[patches];
        for (int image = 0; image < b; image++)
        {
            for (int i = 0; i < patches; i++) order[i] = i;
            var random = new CounterRandom((ulong)seed, RandomPurpose.Patches, input.Policy.Layer, input.Images.Of(image));
            random.Shuffle<long>(order);
            order.AsSpan(0, count).CopyTo(indices.AsSpan(image * count));
        }
        return PatchSelection.Given(tensor(indices, [b, count], device: input.Tokens.device), patches, input.Prefix);
    }
}
