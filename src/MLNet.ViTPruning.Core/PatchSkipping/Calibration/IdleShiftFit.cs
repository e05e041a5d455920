using MLNet.ViTPruning.Training;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Calibration;

/// <summary>Fits what idle patches get: the mean of what each layer adds to the patches where nothing is skipped.</summary>
internal static class IdleShiftFit
{
    /// <summary>Sets the shifts of a model.</summary>
    /// <param name="model">The model; its configuration has <see cref="PatchSkipConfiguration.ShiftsIdle"/>.</param>
    /// <param name="images">Images to measure on.</param>
    /// <param name="options">Batch size, loader threads and cancellation are heeded.</param>
    /// <returns>Whether it was done; a cancellation leaves the model as it was.</returns>
    public static bool Run(PatchSkipModel model, ITrainingImages images, TrainingOptions options)
    {
        var layers = model.IdleShifts;
        using var scope = NewDisposeScope();
        var batches = DensePass.Over(model, images, options, batch => model.SumsAdded(batch));
        if (batches is null) return false;
        long patches = (long)images.Count * (model.Macs.Tokens - model.Macs.Prefix);
        for (int i = 0; i < layers.Count; i++)
            layers[i].Shift.Set(batches.Select(batch => batch[i]).Aggregate((a, b) => a + b) / patches);
        return true;
    }
}
