using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Calibration;
using MLNet.ViTPruning.PatchSkipping.Training;
using MLNet.ViTPruning.Training;
using TorchSharp;

namespace MLNet.ViTPruning.Components;

/// <summary>Teaches the model that an earlier stage put on the Score column to skip patches, and scores with it.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Input and Output Columns</term><description></description></listheader>
/// <item><term>Score (input)</term><description>written by <c>ScoreViT</c>, <c>PruneViT</c> or another stage of this library; carries the model, a ViT or DeiT</description></item>
/// <item><term>Image (input)</term><description>the column that the earlier stage reads</description></item>
/// <item><term>Label (input)</term><description>key of UInt32; its names are compared with the model's</description></item>
/// <item><term>Score, PredictedLabel (output)</term><description>of the model that skips; they hide the earlier stage's</description></item>
/// <item><term>skip map, skips, re-entries, executed multiply-adds (output)</term><description>those that the options name</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>Trainer Characteristics</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Multiclass classification</description></item>
/// <item><term>Is normalization required?</term><description>No, the model's own preprocessing is applied</description></item>
/// <item><term>Is caching required?</term><description>No, the data is read once</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>Microsoft.ML.ImageAnalytics, TorchSharp and one of TorchSharp-cpu, TorchSharp-cuda-linux, TorchSharp-cuda-windows</description></item>
/// <item><term>Exportable to ONNX</term><description>No</description></item>
/// </list>
/// It is the last stage of a chain that changes a model: prune and distil before it. The earlier stage's model is not changed; <c>CompactViT</c> drops
/// that stage from a fitted chain.
/// </remarks>
public sealed class PatchSkipEstimator : IEstimator<PatchSkipTransformer>
{
    private readonly IHost _host;
    private readonly PatchSkipOptions _options;
    private readonly string _labelColumnName;
    private readonly string _scoreColumnName;

    internal PatchSkipEstimator(IHostEnvironment environment, PatchSkipOptions options, string labelColumnName, string scoreColumnName)
    {
        options.Validate();
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(scoreColumnName);
        _host = environment.Register(nameof(PatchSkipEstimator));
        (_options, _labelColumnName, _scoreColumnName) = (options, labelColumnName, scoreColumnName);
    }

    /// <summary>Teaches a copy of the earlier stage's model to skip patches.</summary>
    /// <param name="input">Labelled images with the Score column of an earlier stage; read once.</param>
    /// <returns>The model that skips as a transformer with its report, owned by the caller. After a cancellation it is what the interrupted stage had.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="ArgumentException">The model cannot skip patches, the labels do not fit it, or the target cannot be met.</exception>
    /// <exception cref="InvalidOperationException">No earlier stage left a model on the Score column, there are no rows, or the run's folder holds another run.</exception>
    /// <exception cref="InvalidDataException">A row has no label or no image, or an image cannot be decoded.</exception>
    /// <exception cref="TrainingDivergedException">Too many losses were no finite number.</exception>
    public PatchSkipTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var channel = _host.Start(nameof(Fit));
        var upstream = UpstreamModel.Find(input.Schema, _scoreColumnName, nameof(PatchSkipEstimator));
        LabelClasses.Column(input.Schema, _labelColumnName);
        var configuration = Configuration(upstream.Configuration);
        var run = new TrainingRun(_host, channel, _options, _labelColumnName, upstream.Settings.ImageColumnName);
        var model = Create(upstream.Model, configuration, run.Seed);
        try
        {
            var result = run.OnImages(model.Backbone, input, () => model.to(run.Device), () => new PatchSkipTrainingResult(), (train, validation) =>
            {
                var report = PatchSkipTrainer.Run(model, Job((PatchSkipOptions)run.Options, upstream.Configuration, train, validation, upstream.Plan));
                if (report.TimeTarget is { } time)
                    channel.Info(MessageSensitivity.None, FormattableString.Invariant($"{time.TimeSaved:P1} of the time take {time.MacsSaved:P1} of the executed multiply-adds ({time.MeasuredTimeSaved:P1} measured, batch {time.BatchSize})"));
                if (report.Calibration is { } fitted)
                    channel.Info(MessageSensitivity.None, FormattableString.Invariant($"{fitted.MacsSaved:P1} of the executed multiply-adds are saved on {fitted.Images} images, {fitted.Target:P1} were asked for"));
                return report;
            });
            var settings = upstream.Settings with { SkipColumns = Columns(upstream.Configuration) };
            return new PatchSkipTransformer(_host, model, settings, upstream.First, input.Schema, upstream.Plan, result);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        UpstreamModel.Check(inputSchema, _scoreColumnName, nameof(PatchSkipEstimator));
        LabelClasses.Check(inputSchema, _labelColumnName);
        return ScoringColumns.Append(inputSchema, Columns(null));
    }

    private static PatchSkipModel Create(VisionModel upstream, PatchSkipConfiguration configuration, long seed)
    {
        var backbone = upstream.Copy();
        try
        {
            return PatchSkipModel.Create(backbone, configuration, seed);
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
    }

    private PatchSkipConfiguration Configuration(ModelConfiguration model)
    {
        var configuration = new PatchSkipConfiguration
        {
            Method = _options.Method,
            Input = _options.ScorerInput,
            ContextAttention = _options.ContextAttention,
            ShiftsIdle = _options.ShiftsIdle && _options.Method != PatchSkipMethod.Merging,
            Labels = _options.TaughtLabels,
            Seed = _options.Seed ?? 0,
            Layers = [],
        };
        if (_options.ScaledCosineThreshold is { } threshold)
            configuration = configuration with { ScaledCosineThreshold = Math.Round(threshold, 7) }; // the decimal number that the float was written as
        configuration.Validate(model); // other families have no such layers
        bool needsAttention = _options.Method == PatchSkipMethod.ClassAttention;
        var layers = PatchSkipConfiguration.UsualLayers(model, _options.FirstLayer).Where(l => !needsAttention || model.Blocks.ElementAt(l.Layer).HasAttention).ToList();
        if (layers.Count == 0) throw new ArgumentException($"FirstLayer is {_options.FirstLayer}; the model has no layer from there on that can skip: lower it.");
        configuration = configuration with { Layers = layers };
        return _options.Method == PatchSkipMethod.Learned ? configuration : SkipBudget.Fixed(model, configuration, (_options.MacsSaved ?? _options.TimeSaved)!.Value);
    }

    private static PatchSkipTrainingJob Job(PatchSkipOptions options, ModelConfiguration model, ITrainingImages train, ITrainingImages? validation, string? plan) => new()
    {
        Images = train,
        Validation = validation,
        Calibration = Spread(validation ?? train, options.CalibrationImages),
        Stages = options.Stages,
        ScorerOptions = options.ForScorers,
        BackboneOptions = options,
        MacsSaved = options.MacsSaved,
        TimeSaved = options.TimeSaved,
        TimedBatchSize = options.TimedBatchSize,
        FitsLabels = (options.TaughtLabels == SkipLabels.Importance || options.ScaledCosineThreshold is null) && options.HasScorers,
        Alpha = options.LossWeights.Teacher,
        LabelWeight = options.LossWeights.Labels,
        HiddenWeight = options.LossWeights.Hidden,
        ClassTokenShare = options.ClassTokenShareOf(model),
        Temperature = options.Temperature,
        Plan = plan,
        RunFolder = options.WorkspacePath,
        Resume = options.Resume,
    };

    /// <summary>So many images, from all over the data.</summary>
    private static ITrainingImages Spread(ITrainingImages images, int count) =>
        images.Count <= count ? images : TrainingImages.Subset(images, [.. Enumerable.Range(0, count).Select(i => (int)((long)i * images.Count / count))]);

    private SkipColumns Columns(ModelConfiguration? model) => new()
    {
        SkipMap = _options.SkipMapColumnName,
        Skips = _options.SkipsColumnName,
        ReEntries = _options.ReEntriesColumnName,
        ExecutedMacs = _options.ExecutedMacsColumnName,
        Layers = model?.Blocks.Count() ?? 1,
        Patches = model is null ? 1 : model.ResolutionOf(0) * model.ResolutionOf(0),
    };
}
