using MLNet.ViTPruning.Distillation;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;

namespace MLNet.ViTPruning.Pruning.Depth;

/// <summary>The short trainings between removals.</summary>
internal sealed class DepthFineTuning : IDisposable
{
    private readonly VisionModel _teacher;    // a copy: training chooses its kernels and number format
    private readonly ITrainingImages _images;
    private readonly DepthPruningOptions _options;
    private readonly DepthFineTuneOptions _recipe;

    /// <param name="original">The model before any removal.</param>
    /// <param name="images">Labelled images; as many of the first as the options ask for are used.</param>
    /// <param name="options">The pruning, with a recipe.</param>
    public DepthFineTuning(VisionModel original, ITrainingImages images, DepthPruningOptions options)
    {
        (_options, _recipe) = (options, options.FineTune!);
        _images = TrainingImages.Range(images, 0, Math.Min(_recipe.Images, images.Count));
        _teacher = original.Copy(requiresGrad: false);
    }

    /// <summary>Trains a smaller model in place.</summary>
    /// <param name="model">The model.</param>
    /// <param name="removals">How many removals it has behind it; each training draws its own order.</param>
    /// <param name="from">Share of the whole pruning that is done.</param>
    /// <param name="to">Share of it that is done afterwards.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(VisionModel model, int removals, double from, double to)
    {
        Trainer.Run(model, new TrainingJob
        {
            Images = _images,
            Objective = new DistillationObjective(_teacher),
            Options = new TrainingOptions
            {
                Epochs = _recipe.Epochs,
                BatchSize = _recipe.BatchSize,
                LearningRate = _recipe.LearningRate,
                WarmUpLearningRate = 0.01 * _recipe.LearningRate,
                MinLearningRate = 0.1 * _recipe.LearningRate,
                WarmUpEpochs = 0.1 * _recipe.Epochs,
                Seed = unchecked((_options.Seed ?? 0) + removals),
                Progress = _options.Progress is { } whole ? new Steps(whole, from, to) : null,
                CancellationToken = _options.CancellationToken,
            },
        });
        _options.CancellationToken.ThrowIfCancellationRequested();    // a training that is cancelled returns early
    }

    public void Dispose() => _teacher.Dispose();

    private sealed class Steps(IProgress<double> whole, double from, double to) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => whole.Report(from + (to - from) * value.Step / value.Steps);
    }
}
