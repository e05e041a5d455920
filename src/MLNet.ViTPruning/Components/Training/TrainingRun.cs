using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.ModelFiles;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Components;

/// <summary>What fitting is, for every estimator that trains: reads the images, holds some out, trains, logs.</summary>
internal sealed class TrainingRun
{
    private readonly IHost _host;
    private readonly IChannel _channel;
    private readonly ViTTrainingOptions _options;
    private readonly string _labelColumnName;
    private readonly string _imageColumnName;

    public TrainingRun(IHost host, IChannel channel, ViTTrainingOptions options, string labelColumnName, string imageColumnName)
    {
        (_host, _channel, _labelColumnName, _imageColumnName) = (host, channel, labelColumnName, imageColumnName);
        Seed = SeedOf(host, options);
        Device = DeviceChoice.Choose(host, channel, options.GpuDeviceId, options.FallbackToCpu);
        _options = options with { Seed = Seed, MetricsCallback = Report };

        void Report(TrainingMetrics metrics)
        {
            channel.Info(MessageSensitivity.None, metrics.ToString());
            options.MetricsCallback?.Invoke(metrics);
        }
    }

    /// <summary>The seed: the options', else ML.NET's, else 0.</summary>
    public int Seed { get; }

    /// <summary>Where the training computes.</summary>
    public Device Device { get; }

    /// <summary>The recipe, with the seed and with metrics that are logged too.</summary>
    public ViTTrainingOptions Options => _options;

    /// <summary>Trains a model in place.</summary>
    /// <param name="model">The model; moved to <see cref="Device"/>.</param>
    /// <param name="input">The training data.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="plan">How the model was pruned, as JSON, or null.</param>
    /// <returns>The report.</returns>
    /// <exception cref="InvalidDataException">A row has no label or no image.</exception>
    /// <exception cref="ArgumentException">A column or the labels do not fit the model.</exception>
    public TrainingResult Train(VisionModel model, IDataView input, TrainingObjective objective, string? plan) =>
        OnImages(model, input, () => model.to(Device), () => BeforeTheFirstStep(model), (train, validation) =>
        {
            var result = Trainer.Run(model, new TrainingJob
            {
                Images = train,
                Validation = validation,
                Options = _options,
                Objective = objective,
                Plan = plan,
                RunFolder = _options.WorkspacePath,
                Resume = _options.Resume,
            });
            foreach (var warning in result.Warnings) _channel.Warning(MessageSensitivity.None, warning);
            _channel.Info(MessageSensitivity.None, FormattableString.Invariant(
                $"{result.End} after {result.Steps} steps; the weights are those of epoch {result.BestEpoch}, {result.SkippedSteps} steps were skipped"));
            return result;
        });

    /// <summary>Reads the images, holds some out, and trains with them.</summary>
    /// <param name="model">The model that they are prepared for.</param>
    /// <param name="input">The training data.</param>
    /// <param name="move">Moves what is trained to <see cref="Device"/>.</param>
    /// <param name="cancelled">The report where the training was cancelled before it began.</param>
    /// <param name="train">Trains with images, and others to validate with.</param>
    /// <returns>The report.</returns>
    /// <exception cref="InvalidDataException">A row has no label or no image.</exception>
    /// <exception cref="ArgumentException">A column or the labels do not fit the model.</exception>
    public T OnImages<T>(VisionModel model, IDataView input, Action move, Func<T> cancelled, Func<ITrainingImages, ITrainingImages?, T> train)
    {
        var preprocessor = new ImagePreprocessor(model.Configuration.Preprocessing, model.Configuration.ImageSize);
        // A run that goes on has its result on disk, whatever is read here; another one ends at once.
        var stop = _options.Resume ? CancellationToken.None : _options.CancellationToken;
        using var images = Read(input, model, preprocessor, stop);
        using var given = _options.ValidationSet is { } set ? Read(set, model, preprocessor, stop) : null;
        var (learnt, validation) = given is not null ? (images, given) : Divide(images);
        move();
        if (stop.IsCancellationRequested)
        {
            _channel.Warning(MessageSensitivity.None, "Cancelled before the first step: the model is the one that the training would have begun with.");
            return cancelled();
        }
        if (learnt.Count == 0) throw new InvalidOperationException("The data has no rows; training needs labelled images.");

        _channel.Info(MessageSensitivity.None, FormattableString.Invariant(
            $"Training {model.Configuration.Architecture ?? model.Configuration.Family.ToString()} with {model.Configuration.NumClasses} classes on {Device}: {learnt.Count} images, {validation?.Count ?? 0} to validate with, {_options.Epochs} epochs, seed {Seed}"));
        if (images.SpilledBytes > 0) _channel.Info(MessageSensitivity.None, $"{images.SpilledBytes} bytes of images are in a temporary file.");
        return train(learnt, validation);
    }

    private static int SeedOf(IHost host, TrainingOptions options) => options.Seed ?? MLNetInternals.SettingsOf(host).Seed ?? 0;

    private TrainingImageStore Read(IDataView data, VisionModel model, ImagePreprocessor preprocessor, CancellationToken stop) => TrainingImageStore.Read(
        data,
        TrainingColumns.Of(data.Schema, _labelColumnName, _imageColumnName, model.Configuration),
        preprocessor,
        new SpillBuffer(MLNetInternals.SettingsOf(_host).TempFilePath, _options.ImageMemoryBytes),
        stop);

    private (ITrainingImages Train, ITrainingImages? Validation) Divide(TrainingImageStore images)
    {
        if (_options.ValidationSetFraction is not { } fraction) return (images, null);
        var (train, validation) = HoldOut.Draw(images.Labels, fraction, Seed);
        return validation.Length == 0 ? (images, null) : (TrainingImages.Subset(images, train), TrainingImages.Subset(images, validation));
    }

    private static TrainingResult BeforeTheFirstStep(VisionModel model)
    {
        return new()
        {
            End = TrainingEnd.Cancelled,
            Epochs = [],
            BestEpoch = 0,
            Steps = 0,
            SkippedSteps = 0,
            ComputedIn = model.Precision,
            Elapsed = TimeSpan.Zero,
            CpuTime = TimeSpan.Zero,
            PeakMemoryBytes = 0,
            InputWaitShare = 0,
        };
    }
}
