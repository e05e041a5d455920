using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.ModelFiles;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Evaluation;
using MLNet.ViTPruning.PatchSkipping.Explain;
using MLNet.ViTPruning.PatchSkipping.Training;
using MLNet.ViTPruning.Training;
using TorchSharp;

namespace MLNet.ViTPruning.Components;

/// <summary>Scores images with a Vision Transformer that skips patches: adds a vector of class probabilities and the most probable class, and on
/// request what was skipped.</summary>
/// <remarks>
/// Rows of a data view are scored in batches, lazily and only where a consumer reads one of its columns; a row's values do not depend on the batch it
/// is in. One instance serves any number of cursors and prediction engines at once. It owns its model: dispose it, or the chain that holds it, to
/// free the weights; nothing that was read from it may be used afterwards.
/// A model file is code to ML.NET, which loads the assemblies it names: load only files you trust.
/// </remarks>
public sealed partial class PatchSkipTransformer : ITransformer, IScoringStage, IDisposable
{
    internal const string LoaderSignature = "ViTPatchSkip";
    private const string ModelSignature = "VITPSKIP";

    private readonly IHost _host;
    private readonly ViTModel _handle;
    private readonly IReadOnlyList<string> _labelNames;
    private readonly ImagePreprocessor _preprocessor;
    private readonly DataViewSchema? _schemaAtFit;

    /// <param name="environment">The catalog's environment.</param>
    /// <param name="model">The network; from here on owned by the transformer.</param>
    /// <param name="settings">Columns, batch size, precision; with <see cref="ScoringSettings.SkipColumns"/>.</param>
    /// <param name="first">The chain's first model, or null where none came before.</param>
    /// <param name="probe">Names and types of the columns seen at Fit, or null.</param>
    /// <param name="plan">How the model was pruned, as JSON, or null.</param>
    /// <param name="training">The report of its training, or null.</param>
    internal PatchSkipTransformer(IHostEnvironment environment, PatchSkipModel model, ScoringSettings settings, VisionModel? first = null,
        DataViewSchema? probe = null, string? plan = null, PatchSkipTrainingResult? training = null)
    {
        _host = environment.Register(nameof(PatchSkipTransformer));
        model.eval();
        model.Backbone.Precision = settings.Precision;
        Model = model;
        _handle = new ViTModel(model.Backbone, settings, first ?? model.Backbone, plan) { Skipping = model };
        _labelNames = LabelNames.Of(model.Backbone.Configuration);
        _preprocessor = new ImagePreprocessor(model.Backbone.Configuration.Preprocessing, model.Backbone.Configuration.ImageSize);
        _schemaAtFit = probe is null ? null : ColumnProbe.TypesOnly(probe);
        Training = training;
    }

    /// <summary>Makes a transformer of a model that was trained or loaded before.</summary>
    /// <param name="environment">The <c>MLContext</c>.</param>
    /// <param name="model">The network; from here on owned by the transformer.</param>
    /// <param name="imageColumnName">Input: image, encoded bytes, path or planar floats.</param>
    /// <param name="batchSize">Images of a forward pass, at least 1.</param>
    /// <param name="precision">Number format of matrix products.</param>
    /// <returns>The transformer, owned by the caller; it writes Score and PredictedLabel.</returns>
    /// <exception cref="ArgumentException">A name is empty, or the batch size is less than 1.</exception>
    public static PatchSkipTransformer Of(IHostEnvironment environment, PatchSkipModel model, string imageColumnName = "Image", int batchSize = 32,
        ComputePrecision precision = ComputePrecision.Float32)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(model);
        Validation.Check.All(Validation.Check.NotEmpty(imageColumnName), Validation.Check.AtLeast(batchSize, 1), Validation.Check.Defined(precision));
        var sizes = model.Backbone.Configuration;
        return new PatchSkipTransformer(environment, model, new ScoringSettings
        {
            ImageColumnName = imageColumnName,
            ScoreColumnName = "Score",
            PredictedLabelColumnName = "PredictedLabel",
            BatchSize = batchSize,
            Precision = precision,
            SkipColumns = new SkipColumns { Layers = sizes.Blocks.Count(), Patches = sizes.ResolutionOf(0) * sizes.ResolutionOf(0) },
        });
    }

    /// <summary>The network that scores, in eval mode.</summary>
    public PatchSkipModel Model { get; }

    /// <summary>How the model was pruned, as JSON; null where it was not. Saved with the model.</summary>
    public string? Plan => _handle.Plan;

    /// <summary>The report of the training that this transformer came from; null where it came from a file.</summary>
    public PatchSkipTrainingResult? Training { get; }

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    ScoringSettings IScoringStage.Settings => _handle.Settings;

    ImagePreprocessor IScoringStage.Preprocessor => _preprocessor;

    DataViewSchema? IScoringStage.SchemaAtFit => _schemaAtFit;

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ImageColumn(inputSchema);
        return ScoringColumns.Append(inputSchema, _handle.Settings, _handle, _labelNames);
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input) => new ScoringDataView(this, input);

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new ScoringRowMapper(this, inputSchema);

    /// <summary>Measures accuracy, executed multiply-adds and scorers, layer by layer.</summary>
    /// <param name="data">Labelled images; read once.</param>
    /// <param name="labelColumnName">The label, a key whose names are compared with the model's.</param>
    /// <param name="scorerImages">Images, about, that scorers are measured on, spread over all; 0 for none.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">A column or the labels do not fit the model.</exception>
    /// <exception cref="InvalidOperationException">There are no rows.</exception>
    /// <exception cref="InvalidDataException">A row has no label or no image, or an image cannot be decoded.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public PatchSkipReport Measure(IDataView data, string labelColumnName = "Label", int scorerImages = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        var columns = TrainingColumns.Of(data.Schema, labelColumnName, _handle.Settings.ImageColumnName, Model.Backbone.Configuration);
        using var images = TrainingImageStore.Read(data, columns, _preprocessor, new SpillBuffer(MLNetInternals.SettingsOf(_host).TempFilePath, 1L << 28), cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (images.Count == 0) throw new InvalidOperationException("The data has no rows; there is nothing to measure.");
        var options = new TrainingOptions { BatchSize = _handle.Settings.BatchSize, CancellationToken = cancellationToken };
        return PatchSkipEvaluation.Measure(Model, images, options, scorerImages) ?? throw new OperationCanceledException(cancellationToken);
    }

    /// <summary>Tells which patches of an image each layer computed, and how much the dense model's layers change each, for
    /// <see cref="SkipPictures"/> and <see cref="SkipCharts"/>.</summary>
    /// <param name="image">The image; not disposed.</param>
    /// <returns>The explanation.</returns>
    /// <exception cref="ArgumentException">The model merges tokens, whose patches have no place of their own.</exception>
    public SkipExplanation Explain(MLImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return SkipExplanation.Of(Model, RgbImage.From(image.Width, image.Height, ImagePixels.Layout(image, "to explain"), image.Pixels));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        MLNetInternals.Save(ctx, ModelSignature, LoaderSignature, _handle.Settings.ToJson(),
            stream => PatchSkipFile.Write(Model, stream, Plan is null ? null : new Dictionary<string, string> { [ModelFile.PlanKey] = Plan }));

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Model.Dispose();

    DataViewSchema.Column IScoringStage.ImageColumn(DataViewSchema schema) => ImageColumn(schema);

    IBatchScorer IScoringStage.CreateScorer() => new SkipBatchScorer(Model, _handle.Settings.SkipColumns!);

    internal DataViewSchema.Column ImageColumn(DataViewSchema schema) => ScoringColumns.Image(schema, _handle.Settings, _preprocessor);

    private static SavedModel ReadWeights(Stream stream)
    {
        var model = PatchSkipFile.Read(stream, out var metadata);
        return new(model, metadata.GetValueOrDefault(ModelFile.PlanKey));
    }

    private static PatchSkipTransformer FromFile(IHostEnvironment environment, string settings, SavedModel saved)
    {
        try
        {
            using var channel = environment.Start(nameof(PatchSkipTransformer));
            saved.Model.to(DeviceChoice.Choose(environment, channel));
            var read = ScoringSettings.FromJson(settings);
            if (read.SkipColumns is null) throw new InvalidDataException($"The scoring settings have no skipColumns: {settings}");
            return new PatchSkipTransformer(environment, saved.Model, read, plan: saved.Plan);
        }
        catch
        {
            saved.Model.Dispose();
            throw;
        }
    }

    private sealed record SavedModel(PatchSkipModel Model, string? Plan);
}
