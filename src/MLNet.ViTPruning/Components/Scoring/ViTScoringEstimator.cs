using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using TorchSharp;

namespace MLNet.ViTPruning.Components;

/// <summary>Loads a pretrained Vision Transformer and scores images with it. It learns nothing from the data.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Input and output columns</term><description></description></listheader>
/// <item><term>Image</term><description>MLImage, vector of Byte (encoded file), text (path) or vector of Single (planar RGB)</description></item>
/// <item><term>Score</term><description>vector of Single, probabilities; SlotNames are the class names; carries the annotation <c>ViTModel</c></description></item>
/// <item><term>PredictedLabel</term><description>key with KeyValues: the most probable class</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>Characteristics</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Multiclass classification</description></item>
/// <item><term>Is normalization required?</term><description>No, the model's own preprocessing is applied</description></item>
/// <item><term>Is caching required?</term><description>No</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>Microsoft.ML.ImageAnalytics, TorchSharp and one of TorchSharp-cpu, TorchSharp-cuda-linux, TorchSharp-cuda-windows</description></item>
/// <item><term>Exportable to ONNX</term><description>No</description></item>
/// </list>
/// </remarks>
public sealed class ViTScoringEstimator : IEstimator<ViTScoringTransformer>
{
    private readonly IHost _host;
    private readonly ScoreViTOptions _options;

    internal ViTScoringEstimator(IHostEnvironment environment, ScoreViTOptions options)
    {
        options.Validate();
        if (options.Weights is { } path && !File.Exists(path)) throw new FileNotFoundException($"The weights file '{path}' does not exist.", path);
        _host = environment.Register(nameof(ViTScoringEstimator));
        _options = options;
    }

    /// <summary>Loads the weights.</summary>
    /// <param name="input">Data with the image column; its rows are not read.</param>
    /// <returns>The transformer, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">The weights file is broken or is of no known architecture.</exception>
    public ViTScoringTransformer Fit(IDataView input)
    {
        using var channel = _host.Start(nameof(Fit));
        var device = DeviceChoice.Choose(_host, channel, _options.GpuDeviceId, _options.FallbackToCpu);
        var model = _options.Model?.Copy() ?? ModelFile.Load(_options.Weights!, new ModelLoadOptions { Preset = _options.Architecture });
        try
        {
            model = WithLabelNames(model);
            model.to(device);
            channel.Info(MessageSensitivity.None, $"{model.Configuration.Architecture ?? model.Configuration.Family.ToString()} with {model.Configuration.NumClasses} classes on {device}");
            var transformer = new ViTScoringTransformer(_host, model, _options.Settings, probe: input.Schema, plan: _options.Weights is { } path ? ModelFile.LoadPlan(path) : _options.Plan);
            transformer.ImageColumn(input.Schema);
            return transformer;
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
        var image = inputSchema.LastOrDefault(column => column.Name == _options.ImageColumnName);
        if (image.Name is null) throw new ArgumentOutOfRangeException(nameof(inputSchema), $"Could not find input column '{_options.ImageColumnName}'");
        ImageColumnKinds.Of(image);
        return ScoringColumns.Append(inputSchema, _options.Settings);
    }

    private VisionModel WithLabelNames(VisionModel model)
    {
        if (_options.LabelNames is not { } names) return model;
        if (names.Count != model.Configuration.NumClasses)
            throw new ArgumentException($"LabelNames has {names.Count} names; the model has {model.Configuration.NumClasses} classes.");
        using (model) return model.Copy(configuration: model.Configuration with { LabelNames = names });
    }
}
