using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Models.Layers;
using MLNet.ViTPruning.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>Trains a model in place.</summary>
/// <remarks>Every random choice depends on the seed, the step and the image alone, and kernels are chosen by sizes alone. Hence two
/// trainings of one job with the same number of torch's threads on one machine give equal weights to the bit on a CPU, whatever the
/// number of loader threads and however often one of them was stopped and resumed. Torch's global generator is not touched.</remarks>
public static class Trainer
{
    /// <summary>Runs a training to its end.</summary>
    /// <param name="model">The model; its weights change, all of them. It computes on the device it is on, and is in evaluation mode afterwards.</param>
    /// <param name="job">Images, recipe and objective.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">Options are out of their range; all faults in one message.</exception>
    /// <exception cref="InvalidOperationException">The run's folder holds a run and resuming was not asked for, or holds one of another job.</exception>
    /// <exception cref="TrainingDivergedException">Too many losses were no finite number.</exception>
    /// <exception cref="IOException">A checkpoint could not be written; the last good one is intact.</exception>
    public static TrainingResult Run(VisionModel model, TrainingJob job)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(job);
        job.Options.Validate();
        return Run(model, job, FormatOf(model, job.Options.Precision));
    }

    /// <summary>Runs a training whose number format was decided.</summary>
    /// <param name="model">The model.</param>
    /// <param name="job">The training.</param>
    /// <param name="computedIn">Number format of matrix products, unless a checkpoint says otherwise.</param>
    internal static TrainingResult Run(VisionModel model, TrainingJob job, ComputePrecision computedIn)
    {
        Check.All([.. TrainingJobCheck.Faults(model, job)]);
        using var normal = inference_mode(false);
        using var gradients = enable_grad();
        using var session = new TrainingSession(model, job, computedIn);
        return session.Run();
    }

    /// <summary>bfloat16 where it was asked for and pays.</summary>
    private static ComputePrecision FormatOf(VisionModel model, ComputePrecision wanted) =>
        model.parameters().First().device_type == DeviceType.CPU && wanted == ComputePrecision.BFloat16 && !LowPrecisionProducts.AreFaster(get_num_threads())
            ? ComputePrecision.Float32 : wanted;
}
