using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>Models that skip patches as files: the dense model's weights under timm's names, beside them the scorers' as
/// <c>skip.{layer}.fc1.weight</c> and so on and what idle patches get as <c>skip.{layer}.shift</c>, and in the metadata how the model skips.</summary>
public static class PatchSkipFile
{
    private const string Prefix = "skip.";

    /// <summary>Saves a model.</summary>
    /// <param name="model">The model, on any device; not changed. Scorers of layers that are not configured are left out.</param>
    /// <param name="path">The file to make or replace, <c>.safetensors</c> or <c>.pth</c>. After a fault the old file is untouched.</param>
    /// <param name="dtype">Type of the weights in the file, or null for fp32, with matrices of exact fp16 numbers as fp16.</param>
    /// <param name="extraMetadata">Further texts to keep with the weights, such as <c>plan</c>, or null.</param>
    /// <exception cref="ArgumentException">The extension is unknown, the type is no floating-point type, or a further text has a reserved name.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(PatchSkipModel model, string path, ScalarType? dtype = null, IReadOnlyDictionary<string, string>? extraMetadata = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelFile.SaveWhole(model.Backbone, path, dtype, extraMetadata, Part(model));
    }

    /// <summary>Loads a model.</summary>
    /// <param name="path">The file.</param>
    /// <returns>A model in evaluation mode with fp32 weights on the CPU, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">The file is broken, holds a dense model, or its tensors do not fit.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static PatchSkipModel Load(string path)
    {
        using var file = CheckpointFile.Open(path);
        try
        {
            return Load(file);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Whether a file holds a model that skips patches.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is of no known format, or broken.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static bool IsSkipping(string path)
    {
        using var file = CheckpointFile.Open(path);
        return file.Metadata.ContainsKey(ModelFile.PatchSkippingKey);
    }

    /// <summary>Writes a model in safetensors form, forwards only, one tensor at a time.</summary>
    /// <param name="model">The model, on any device; not changed.</param>
    /// <param name="stream">The stream; neither flushed nor closed.</param>
    /// <param name="extraMetadata">Further texts to keep with the weights, or null.</param>
    /// <exception cref="ArgumentException">A further text has a reserved name.</exception>
    public static void Write(PatchSkipModel model, Stream stream, IReadOnlyDictionary<string, string>? extraMetadata = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(stream);
        ModelFile.WriteWhole(model.Backbone, stream, null, extraMetadata, Part(model));
    }

    /// <summary>Reads what <see cref="Write"/> wrote, forwards only and no byte further.</summary>
    /// <param name="stream">The stream; not closed.</param>
    /// <param name="metadata">All texts that were written with the weights.</param>
    /// <returns>A model in evaluation mode with fp32 weights on the CPU, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">The bytes are broken or end too early, hold a dense model, or do not fit.</exception>
    public static PatchSkipModel Read(Stream stream, out IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ModelFile.ReadWhole(stream, Make, model => StateOf(model, model.Backbone.state_dict()), out metadata);
    }

    private static PatchSkipModel Load(ICheckpoint file)
    {
        ConfigurationOf(file.Metadata);
        var backbone = ModelLoader.Load(new CheckpointPart(file, name => !name.StartsWith(Prefix, StringComparison.Ordinal)), new ModelLoadOptions());
        var model = Make(backbone, file.Metadata);
        try
        {
            Fill(model, file);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static void Fill(PatchSkipModel model, ICheckpoint file)
    {
        using var noGrad = no_grad();
        var state = StateOf(model, []);
        var given = file.Names.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary(name => name, file.ShapeOf, StringComparer.Ordinal);
        StateDictFaults.ThrowIfAny([.. StateDictFaults.Compare(state.ToDictionary(s => s.Key, s => s.Value.shape), given, _ => false)], "the file's own patch skipping");
        foreach (var (name, parameter) in state)
        {
            using var read = file.ReadTensor(name, parameter.dtype);
            parameter.copy_(read);
        }
    }

    /// <summary>A model with empty scorers; disposes the backbone where that fails.</summary>
    private static PatchSkipModel Make(VisionModel backbone, IReadOnlyDictionary<string, string> metadata)
    {
        try
        {
            return PatchSkipModel.CreateEmpty(backbone, ConfigurationOf(metadata));
        }
        catch (Exception e)
        {
            backbone.Dispose();
            if (e is ArgumentException) throw new InvalidDataException($"The file's patch skipping does not fit its model: {e.Message}", e);
            throw;
        }
    }

    private static PatchSkipConfiguration ConfigurationOf(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(ModelFile.PatchSkippingKey, out string? json)
            ? PatchSkipConfiguration.FromJson(json)
            : throw new InvalidDataException("The file holds a dense model: its metadata has no patchSkipping. Load it with ModelFile and give it to PatchSkipModel.Create.");

    private static ModelPart Part(PatchSkipModel model) =>
        new(ModelFile.PatchSkippingKey, model.Configuration.ToJson(), [.. StateOf(model, []).Select(s => (s.Key, s.Value))]);

    /// <summary>Adds the tensors of scorers and idle patches under the file's names.</summary>
    private static Dictionary<string, Tensor> StateOf(PatchSkipModel model, Dictionary<string, Tensor> state)
    {
        foreach (var (layer, scorer) in model.Scorers.Where(s => model.Configuration.Of(s.Layer) is not null))
            foreach (var (name, tensor) in scorer.state_dict()) state.Add($"{Prefix}{layer}.{name}", tensor);
        foreach (var (layer, shift) in model.IdleShifts.Where(s => model.Configuration.ShiftsIdle && model.Configuration.Of(s.Layer) is not null))
            state.Add($"{Prefix}{layer}.shift", shift.Value);
        return state;
    }
}
