using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.ModelFiles;
using MLNet.ViTPruning.Training;

namespace MLNet.ViTPruning.Components;

/// <summary>Trains a Vision Transformer to classify images: from random weights, from a file, or going on with an earlier stage's model.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Input and Output Columns</term><description></description></listheader>
/// <item><term>Label (input)</term><description>key of UInt32 with KeyValues, as MapValueToKey makes it; 0 (missing) is refused</description></item>
/// <item><term>Image (input)</term><description>MLImage, vector of Byte (encoded file), text (path) or vector of Single (planar RGB, whole numbers 0..255)</description></item>
/// <item><term>Score (output)</term><description>vector of Single, probabilities; SlotNames are the class names; carries the annotation <c>ViTModel</c></description></item>
/// <item><term>PredictedLabel (output)</term><description>key with KeyValues: the most probable class</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>Trainer Characteristics</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Multiclass classification</description></item>
/// <item><term>Is normalization required?</term><description>No, the model's own preprocessing is applied</description></item>
/// <item><term>Is caching required?</term><description>No, the data is read once; images are kept in memory, beyond a bound in a temporary file, as paths where the column holds paths</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>Microsoft.ML.ImageAnalytics, TorchSharp and one of TorchSharp-cpu, TorchSharp-cuda-linux, TorchSharp-cuda-windows</description></item>
/// <item><term>Exportable to ONNX</term><description>No</description></item>
/// </list>
/// Labels and a model's classes are compared by name: the same names, or some of them, in any order train the model's own head. A label with
/// another number of classes gets a new head. Two fits with one seed give equal weights on the same machine and thread count, and nothing
/// draws from torch's global generator. The estimator holds no state: each <c>Fit</c> gives a new model.
/// </remarks>
public sealed partial class VisionTransformerTrainer : IEstimator<ViTScoringTransformer>
{
    private const string OtherRemedy = ", or give Architecture, Configuration, Weights or Model";

    private readonly IHost _host;
    private readonly Options _options;

    internal VisionTransformerTrainer(IHostEnvironment environment, Options options)
    {
        options.Validate();
        if (options.Weights is { } path && !File.Exists(path)) throw new FileNotFoundException($"The weights file '{path}' does not exist.", path);
        _host = environment.Register(nameof(VisionTransformerTrainer));
        _options = options;
    }

    /// <summary>Trains.</summary>
    /// <param name="input">Labelled images; read once.</param>
    /// <returns>The trained model as a transformer with its report, owned by the caller. After a cancellation it has the best weights so far.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="ArgumentException">The labels do not fit the model.</exception>
    /// <exception cref="InvalidOperationException">There is no model to train, there are no rows, or the run's folder holds another run.</exception>
    /// <exception cref="InvalidDataException">A row has no label or no image, an image cannot be decoded, or the weights file is broken.</exception>
    /// <exception cref="TrainingDivergedException">Too many losses were no finite number.</exception>
    public ViTScoringTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var channel = _host.Start(nameof(Fit));
        var upstream = _options.TakesUpstream
            ? UpstreamModel.Find(input.Schema, _options.ScoreColumnName, nameof(VisionTransformerTrainer), OtherRemedy) : null;
        var run = new TrainingRun(_host, channel, _options, _options.LabelColumnName, _options.ImageColumnName);
        var start = StartingModel.Make(_options, upstream, LabelClasses.Of(input.Schema, _options.LabelColumnName), (ulong)(uint)run.Seed);
        try
        {
            var result = run.Train(start.Model, input, TrainingObjective.CrossEntropy, start.Plan);
            return new ViTScoringTransformer(_host, start.Model, _options.Settings, start.First, input.Schema, start.Plan, result);
        }
        catch
        {
            start.Model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        LabelClasses.Check(inputSchema, _options.LabelColumnName);
        var image = inputSchema.LastOrDefault(column => column.Name == _options.ImageColumnName);
        if (image.Name is null) throw new ArgumentOutOfRangeException(nameof(inputSchema), $"Could not find input column '{_options.ImageColumnName}'");
        ImageColumnKinds.Of(image);
        if (_options.TakesUpstream) UpstreamModel.Check(inputSchema, _options.ScoreColumnName, nameof(VisionTransformerTrainer), OtherRemedy);
        return ScoringColumns.Append(inputSchema, _options.Settings);
    }
}
