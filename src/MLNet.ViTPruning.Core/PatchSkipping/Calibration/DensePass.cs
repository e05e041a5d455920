using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Calibration;

/// <summary>Looks at images where every layer computes every patch, always with the same kernels, so that what is fitted is the same each time.</summary>
internal static class DensePass
{
    /// <summary>Looks at all images, batch by batch.</summary>
    /// <param name="model">The model; its configuration and kernels are the same afterwards. It is in evaluation mode.</param>
    /// <param name="images">The images.</param>
    /// <param name="options">Batch size, loader threads and cancellation are heeded.</param>
    /// <param name="look">What to take of a batch of images <c>[B, 3, S, S]</c>; called without gradients.</param>
    /// <returns>What was taken, or <see langword="null"/> where it was cancelled.</returns>
    public static IReadOnlyList<T>? Over<T>(PatchSkipModel model, ITrainingImages images, TrainingOptions options, Func<Tensor, T> look)
    {
        var (before, kernels) = (model.Configuration, model.Backbone.Kernels);
        using var noGrad = no_grad();
        using var loader = new BatchLoader(images, model.Backbone.Configuration, options, 0, model.Backbone.parameters().First().device);
        model.eval();
        model.Backbone.Kernels = KernelSelection.Standard;
        if (before.HasScorers) model.Configuration = SkipCalibrator.ComputingAll(before);
        try
        {
            var taken = new List<T>();
            foreach (var batch in loader.InOrder())
            {
                using (batch)
                {
                    if (options.CancellationToken.IsCancellationRequested) return null;
                    taken.Add(look(batch.Images));
                }
            }
            return taken;
        }
        finally
        {
            model.Backbone.Kernels = kernels;
            model.Configuration = before;
        }
    }
}
