using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>Images and their label distribution, on the model's device.</summary>
/// <param name="Images">Normalised images <c>[B, 3, S, S]</c>, float32.</param>
/// <param name="Targets">Label distribution <c>[B, numClasses]</c>, float32: one-hot, or mixed by CutMix and Mixup; not smoothed.</param>
/// <param name="Indices">Which images they are.</param>
/// <param name="Labels">Their classes before any mixing.</param>
/// <param name="Share">An image's own share of itself and its targets, 1 where nothing is mixed.</param>
internal sealed record TrainingBatch(Tensor Images, Tensor Targets, int[] Indices, int[] Labels, double Share = 1) : IDisposable
{
    public void Dispose()
    {
        Images.Dispose();
        Targets.Dispose();
    }
}
