using System.CommandLine;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Training.Augmentations;

namespace MLNet.ViTPruning.Cli.Training;

/// <summary>What <c>train</c> and <c>distill</c> ask of a recipe, spelt alike.</summary>
internal sealed class TrainingArguments
{
    private readonly Option<int?> _epochs, _batch, _accumulate, _seed, _patience, _checkpointSteps, _loaderThreads;
    private readonly Option<double> _rate, _warmUpEpochs, _weightDecay, _smoothing, _dropPath;
    private readonly Option<double?> _minRate, _warmUpRate, _clip, _ema;
    private readonly Option<string> _emaUpdate, _augment, _dtype;

    /// <param name="defaults">The defaults.</param>
    public TrainingArguments(TrainingOptions defaults)
    {
        _epochs = CommonOptions.Number("--epochs", "Passes over the training images.", defaults.Epochs, least: 1);
        _batch = CommonOptions.Number("--batch", "Images per forward and backward pass.", defaults.BatchSize, least: 1);
        _accumulate = CommonOptions.Number("--accumulate", "Batches whose gradients make one step.", defaults.AccumulationSteps, least: 1);
        _rate = CommonOptions.Real("--lr", "Highest learning rate; fine-tuning wants about 1e-4.", defaults.LearningRate, value => value is > 0 and <= 1000, "a number in (0, 1000]");
        _minRate = CommonOptions.OptionalReal("--min-lr", $"Learning rate that the cosine approaches. Without it: {defaults.MinLearningRate}, or --lr where that is less.", null, NotNegative, "a number of at least 0");
        _warmUpEpochs = CommonOptions.Real("--warmup-epochs", "Epochs of linear warm-up, parts allowed.", defaults.WarmUpEpochs, NotNegative, "a number of at least 0");
        _warmUpRate = CommonOptions.OptionalReal("--warmup-lr", $"Learning rate that the warm-up begins with. Without it: {defaults.WarmUpLearningRate}, or --lr where that is less.", null, NotNegative, "a number of at least 0");
        _weightDecay = CommonOptions.Real("--weight-decay", "AdamW's decay of weight matrices.", defaults.WeightDecay, NotNegative, "a number of at least 0");
        _smoothing = CommonOptions.Real("--label-smoothing", "Share of the target that is spread over all classes.", defaults.LabelSmoothing, BelowOne, "a number in [0, 1)");
        _dropPath = CommonOptions.Real("--drop-path", "Probability with which the last block's halves are left out.", defaults.DropPath, BelowOne, "a number in [0, 1)");
        _clip = CommonOptions.OptionalReal("--clip", "Largest norm of the gradient, or none.", defaults.GradientClip, value => value > 0, "a number above 0", none: true);
        _ema = CommonOptions.OptionalReal("--ema", "Decay of the moving average of the weights, which then is what is kept. Without it: no average.", null, value => value is > 0 and < 1, "a number in (0, 1)");
        _emaUpdate = CommonOptions.OneOf("--ema-update", "When the average takes in the weights.", "step", "epoch");
        _augment = CommonOptions.OneOf("--augment", "What is done to the images at random.", [.. AugmentationOptions.Presets.Keys]);
        _dtype = CommonOptions.DType();
        _seed = CommonOptions.Number("--seed", "Seed of all random choices.", usual: 0, least: 0);
        _patience = CommonOptions.Number("--early-stopping", "Ends after this many epochs without a better validation accuracy.", least: 1);
        _checkpointSteps = CommonOptions.Number("--checkpoint-steps", "Steps between two checkpoints; there is one after each epoch too.", defaults.CheckpointSteps, least: 1);
        _loaderThreads = CommonOptions.Number("--loader-threads", "Threads that read and augment images. Without it: one per processor, at most 8.", least: 1);
    }

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_epochs, _batch, _accumulate, _rate, _minRate, _warmUpEpochs, _warmUpRate, _weightDecay, _smoothing, _dropPath, _clip, _ema,
            _emaUpdate, _augment, _dtype, _seed, _patience, _checkpointSteps, _loaderThreads]) command.Options.Add(option);
    }

    /// <summary>Seed of all random choices.</summary>
    public int Seed(ParseResult parsed) => parsed.GetValue(_seed) ?? 0;

    /// <summary>What must hold between the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="validates">Whether there are validation images.</param>
    /// <exception cref="ArgumentException">All faults in one message.</exception>
    public void Check(ParseResult parsed, bool validates)
    {
        var (warmUp, epochs, least, most) = (parsed.GetValue(_warmUpEpochs), parsed.GetValue(_epochs), parsed.GetValue(_minRate), parsed.GetValue(_rate));
        string?[] faults =
        [
            warmUp > epochs ? FormattableString.Invariant($"--warmup-epochs is {warmUp}; expected at most --epochs, {epochs}.") : null,
            parsed.GetValue(_warmUpRate) > most ? FormattableString.Invariant($"--warmup-lr is {parsed.GetValue(_warmUpRate)}; expected at most --lr, {most}.") : null,
            parsed.GetValue(_warmUpRate) is not null && warmUp == 0 ? "--warmup-lr has no effect with --warmup-epochs 0." : null,
            least > most ? FormattableString.Invariant($"--min-lr is {least}; expected at most --lr, {most}.") : null,
            parsed.GetResult(_emaUpdate) is { Implicit: false } && parsed.GetValue(_ema) is null ? "--ema-update has no effect without --ema." : null,
            parsed.GetValue(_patience) is not null && !validates ? "--early-stopping needs validation images, and --validation is none." : null,
        ];
        if (faults.Any(fault => fault is not null)) throw new ArgumentException(string.Join(' ', faults.OfType<string>()));
    }

    /// <summary>Number format that was asked for, as the command line spells it.</summary>
    public string DType(ParseResult parsed) => parsed.GetValue(_dtype)!;

    /// <summary>Puts the recipe into an estimator's options.</summary>
    public T Apply<T>(ParseResult parsed, T options) where T : ViTTrainingOptions
    {
        double rate = parsed.GetValue(_rate);
        ViTTrainingOptions recipe = options;
        return (T)(recipe with
        {
            Epochs = parsed.GetValue(_epochs)!.Value,
            BatchSize = parsed.GetValue(_batch)!.Value,
            AccumulationSteps = parsed.GetValue(_accumulate)!.Value,
            LearningRate = rate,
            WarmUpLearningRate = parsed.GetValue(_warmUpRate) ?? Math.Min(options.WarmUpLearningRate, rate),
            MinLearningRate = parsed.GetValue(_minRate) ?? Math.Min(options.MinLearningRate, rate),
            WarmUpEpochs = parsed.GetValue(_warmUpEpochs),
            WeightDecay = parsed.GetValue(_weightDecay),
            GradientClip = parsed.GetValue(_clip) is { } clip && double.IsFinite(clip) ? clip : null,
            EmaDecay = parsed.GetValue(_ema),
            EmaUpdate = parsed.GetValue(_emaUpdate) == "epoch" ? EmaUpdate.Epoch : EmaUpdate.Step,
            LabelSmoothing = parsed.GetValue(_smoothing),
            DropPath = parsed.GetValue(_dropPath),
            Precision = DType(parsed) == "bf16" ? ComputePrecision.BFloat16 : ComputePrecision.Float32,
            Augmentation = AugmentationOptions.Presets[parsed.GetValue(_augment)!],
            Seed = parsed.GetValue(_seed),
            LoaderThreads = parsed.GetValue(_loaderThreads),
            EarlyStopping = parsed.GetValue(_patience) is { } patience ? new EarlyStopping(patience) : null,
            CheckpointSteps = parsed.GetValue(_checkpointSteps)!.Value,
        });
    }

    private static bool NotNegative(double value) => value >= 0;

    private static bool BelowOne(double value) => value is >= 0 and < 1;
}
