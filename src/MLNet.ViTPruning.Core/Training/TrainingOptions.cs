using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training.Augmentations;

namespace MLNet.ViTPruning.Training;

/// <summary>How a model is trained: AdamW with a warm-up and a cosine.</summary>
public record TrainingOptions
{
    /// <summary>Passes over the training images.</summary>
    /// <value>The default is 10.</value>
    public int Epochs { get; init; } = 10;

    /// <summary>Images of one forward and backward pass. The last batch of an epoch may be smaller.</summary>
    /// <value>The default is 64.</value>
    public int BatchSize { get; init; } = 64;

    /// <summary>Batches whose gradients are averaged, each counting by its images, into one step of the optimizer. The last step of an epoch may have fewer.</summary>
    /// <value>The default is 1.</value>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>The highest learning rate, reached after the warm-up.</summary>
    /// <value>The default is 1e-3, for training from random weights; fine-tuning wants about 1e-4.</value>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The learning rate of the first step.</summary>
    /// <value>The default is 1e-6.</value>
    public double WarmUpLearningRate { get; init; } = 1e-6;

    /// <summary>The learning rate that the cosine approaches.</summary>
    /// <value>The default is 1e-5.</value>
    public double MinLearningRate { get; init; } = 1e-5;

    /// <summary>Epochs of linear warm-up; parts of an epoch are allowed.</summary>
    /// <value>The default is 1.</value>
    public double WarmUpEpochs { get; init; } = 1;

    /// <summary>AdamW's decay of weight matrices. Biases, norms, tokens, position embeddings and bias tables are not decayed.</summary>
    /// <value>The default is 0.05.</value>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Largest norm of the gradient of all parameters together; a longer one is scaled down. <see langword="null"/> for no limit.</summary>
    /// <value>The default is 1.</value>
    public double? GradientClip { get; init; } = 1;

    /// <summary>Decay of the exponential moving average of the weights, which then is what is validated and kept; at update n it is at
    /// most (1 + n) / (10 + n). <see langword="null"/> for none.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public double? EmaDecay { get; init; }

    /// <summary>When the moving average is updated.</summary>
    /// <value>The default is <see cref="EmaUpdate.Step"/>.</value>
    public EmaUpdate EmaUpdate { get; init; }

    /// <summary>Share of the target's probability that is spread over all classes, in [0, 1).</summary>
    /// <value>The default is 0.</value>
    public double LabelSmoothing { get; init; }

    /// <summary>Probability with which the last block's halves are left out for an image (stochastic depth); it grows linearly from 0 in the first block.</summary>
    /// <value>The default is 0.</value>
    public double DropPath { get; init; }

    /// <summary>Number format of matrix products: with <see cref="ComputePrecision.BFloat16"/> the weights, norms, softmax and loss stay in
    /// fp32. On a CPU that is measured to be slower in bfloat16 fp32 is computed; the report says so.</summary>
    /// <value>The default is <see cref="ComputePrecision.Float32"/>.</value>
    public ComputePrecision Precision { get; init; }

    /// <summary>What is done to the images at random.</summary>
    /// <value>The default is <see cref="AugmentationOptions.None"/>.</value>
    public AugmentationOptions Augmentation { get; init; } = AugmentationOptions.None;

    /// <summary>Seed of the order, of the augmentation and of drop path. <see langword="null"/> takes ML.NET's seed, or 0 without one.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? Seed { get; init; }

    /// <summary>Threads that read and augment images ahead of the step.</summary>
    /// <value>The default is <see langword="null"/>: as many as processors, at most 8.</value>
    public int? LoaderThreads { get; init; }

    /// <summary>Ends the training when the validation accuracy no longer improves. <see langword="null"/> for never.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>Steps of the optimizer between two checkpoints; one is also written after each epoch and on cancellation.</summary>
    /// <value>The default is 500.</value>
    public int CheckpointSteps { get; init; } = 500;

    /// <summary>How many steps with a loss or gradient that is no finite number are skipped before the training ends with a
    /// <see cref="TrainingDivergedException"/>.</summary>
    /// <value>The default is 10.</value>
    public int MaxNonFiniteSteps { get; init; } = 10;

    /// <summary>Called after each step, on the thread that trains.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Called after each epoch, on the thread that trains.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public Action<TrainingMetrics>? MetricsCallback { get; init; }

    /// <summary>Ends the training early: a checkpoint is written and the best weights so far are the result.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Throws where an option is out of its range.</summary>
    /// <exception cref="ArgumentException">All faults in one message, values included.</exception>
    public virtual void Validate() => Validation.Check.All([.. Faults()]);

    /// <summary>One sentence for each option that is out of its range.</summary>
    private protected virtual IEnumerable<string?> Faults() => TrainingOptionsCheck.Faults(this);
}
