using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.ModelFiles;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Components;

/// <summary>Scores images with a Vision Transformer: adds a vector of class probabilities and the most probable class.</summary>
/// <remarks>
/// Rows of a data view are scored in batches, lazily and only where a consumer reads one of the two columns. One instance
/// serves any number of cursors and prediction engines at once. It owns its model: dispose it, or the chain that holds it,
/// to free the weights; nothing that was read from it may be used afterwards.
/// A model file is code to ML.NET, which loads the assemblies it names: load only files you trust.
/// </remarks>
public sealed partial class ViTScoringTransformer : ITransformer, IScoringStage, IDisposable
{
    internal const string LoaderSignature = "ViTScoring";
    private const string ModelSignature = "VITSCORE";

    private readonly IHost _host;
    private readonly ViTModel _handle;
    private readonly IReadOnlyList<string> _labelNames;

    /// <param name="environment">The catalog's environment.</param>
    /// <param name="model">The network; from here on owned by the transformer.</param>
    /// <param name="settings">Columns, batch size, precision.</param>
    /// <param name="first">The chain's first model, or null where this is it.</param>
    /// <param name="probe">Names and types of the columns seen at Fit, or null.</param>
    /// <param name="plan">How the model was pruned, as JSON, or null.</param>
    /// <param name="training">The report of its training, or null.</param>
    /// <param name="pruning">The report of its pruning, or null.</param>
    internal ViTScoringTransformer(IHostEnvironment environment, VisionModel model, ScoringSettings settings, VisionModel? first = null,
        DataViewSchema? probe = null, string? plan = null, TrainingResult? training = null, PruningReport? pruning = null)
    {
        _host = environment.Register(nameof(ViTScoringTransformer));
        model.eval();
        model.Precision = settings.Precision;
        _handle = new ViTModel(model, settings, first ?? model, plan);
        _labelNames = LabelNames.Of(model.Configuration);
        Preprocessor = new ImagePreprocessor(model.Configuration.Preprocessing, model.Configuration.ImageSize);
        (Training, Pruning) = (training, pruning);
        SchemaAtFit = probe is null ? null : ColumnProbe.TypesOnly(probe);
    }

    /// <summary>The network that scores, in eval mode.</summary>
    public VisionModel Model => _handle.Model;

    /// <summary>How the model was pruned, as JSON: the last plan, with those before it (<see cref="MLNet.ViTPruning.Pruning.PlanHistory.FromJson"/>);
    /// null where it was not pruned. Saved with the model.</summary>
    public string? Plan => _handle.Plan;

    /// <summary>The report of the training that this transformer came from; null where it came from none, or from a file.</summary>
    public TrainingResult? Training { get; }

    /// <summary>What the pruning found that this transformer came from; null where it came from none, or from a file.</summary>
    public PruningReport? Pruning { get; }

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    ScoringSettings IScoringStage.Settings => Settings;

    ImagePreprocessor IScoringStage.Preprocessor => Preprocessor;

    DataViewSchema? IScoringStage.SchemaAtFit => SchemaAtFit;

    internal ViTModel Handle => _handle;

    internal ScoringSettings Settings => _handle.Settings;

    internal ImagePreprocessor Preprocessor { get; }

    internal DataViewSchema? SchemaAtFit { get; }

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ImageColumn(inputSchema);
        return ScoringColumns.Append(inputSchema, Settings, _handle, _labelNames);
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input) => new ScoringDataView(this, input);

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new ScoringRowMapper(this, inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        MLNetInternals.Save(ctx, ModelSignature, LoaderSignature, Settings.ToJson(),
            stream => ModelFile.Write(Model, stream, extraMetadata: Plan is null ? null : new Dictionary<string, string> { [ModelFile.PlanKey] = Plan }));

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Model.Dispose();

    /// <summary>The input column, checked.</summary>
    internal DataViewSchema.Column ImageColumn(DataViewSchema schema) => ScoringColumns.Image(schema, Settings, Preprocessor);

    DataViewSchema.Column IScoringStage.ImageColumn(DataViewSchema schema) => ImageColumn(schema);

    IBatchScorer IScoringStage.CreateScorer() => new BatchScorer(Model);

    private static SavedModel ReadWeights(Stream stream)
    {
        var model = ModelFile.Read(stream, out var metadata);
        return new(model, metadata.GetValueOrDefault(ModelFile.PlanKey));
    }

    private static ViTScoringTransformer FromFile(IHostEnvironment environment, string settings, SavedModel saved)
    {
        var model = saved.Model;
        try
        {
            using var channel = environment.Start(nameof(ViTScoringTransformer));
            model.to(DeviceChoice.Choose(environment, channel));
            return new ViTScoringTransformer(environment, model, ScoringSettings.FromJson(settings), plan: saved.Plan);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private sealed record SavedModel(VisionModel Model, string? Plan);
}
