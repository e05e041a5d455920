using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>Drop path: leaves out a block's half for an image at random and scales the halves that stay, so that the expectation is kept.</summary>
/// <remarks>Source: Huang et al., "Deep Networks with Stochastic Depth" (arXiv:1603.09382), with the linear rates of section 4. What is left
/// out for an image depends on the seed, the step and the image's place in the step, so that neither the size of the batches that a step
/// is cut into nor a resumption changes it.</remarks>
/// <param name="rate">Rate of the last block, in [0, 1).</param>
/// <param name="blocks">Blocks of the model.</param>
/// <param name="seed">The run's seed.</param>
internal sealed class StochasticDepth(double rate, int blocks, ulong seed)
{
    /// <summary>The step of the optimizer that is being computed.</summary>
    public long Step { get; set; }

    /// <summary>Place of the next forward pass's first image in the step.</summary>
    public int FirstImage { get; set; }

    /// <summary>Rate of a block: 0 in the first, growing linearly.</summary>
    /// <param name="block">Index over all blocks, from 0.</param>
    public double RateOf(int block) => blocks > 1 ? rate * block / (blocks - 1) : 0;

    /// <summary>Factors for the forward pass of some images: 0, or 1 / (1 - rate).</summary>
    /// <param name="images">How many.</param>
    /// <param name="device">Where the factors are needed.</param>
    /// <returns>Factors <c>[2 * blocks, images, 1, 1]</c>, float32, owned by the caller.</returns>
    public Tensor Draw(long images, Device device)
    {
        float[] factors = new float[2 * blocks * images];
        for (int image = 0; image < images; image++)
        {
            var random = new CounterRandom(seed, RandomPurpose.DropPath, Step, FirstImage + image);
            for (int half = 0; half < 2 * blocks; half++)
            {
                double dropped = RateOf(half / 2);
                factors[half * images + image] = random.NextDouble() < dropped ? 0 : (float)(1 / (1 - dropped));
            }
        }
        return tensor(factors, [2 * blocks, images, 1, 1], device: device); // [2 * blocks, B, 1, 1]
    }
}
