using MLNet.ViTPruning.Checkpoints.Bytes;
using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Models as files: weights under timm's names, and with them the configuration that rebuilds the model.</summary>
/// <remarks>A model's <see cref="VisionModel.WeightMasks"/> stand in the file as one bit for each weight, bytes under the weight's name behind
/// <c>weight_masks.</c>: bit k of byte j (the lowest is bit 0) is 1 where weight 8 j + k in row-major order stays.</remarks>
public static partial class ModelFile
{
    /// <summary>The metadata key of the pruning plan.</summary>
    public const string PlanKey = "plan";

    /// <summary>The metadata key of how a model skips patches; such a file is loaded by <see cref="PatchSkipping.PatchSkipFile"/>.</summary>
    public const string PatchSkippingKey = "patchSkipping";

    internal const string ConfigurationKey = "configuration", FormatKey = "format";

    /// <summary>Loads a model from a <c>.safetensors</c> file or a PyTorch zip checkpoint whose names are timm's, Microsoft's, DeiT's,
    /// Hugging Face's or torchvision's.</summary>
    /// <param name="path">The file; its first bytes decide on the format, not its name.</param>
    /// <param name="options">What the file does not say and what shall differ, or null.</param>
    /// <returns>A model in evaluation mode with fp32 weights on the CPU, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The options are not valid or contradict the file; all faults are listed.</exception>
    /// <exception cref="InvalidDataException">The file is broken, does not say what it holds, or does not fit: missing, left-over and
    /// misshapen tensors are listed.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static VisionModel Load(string path, ModelLoadOptions? options = null)
    {
        options ??= new ModelLoadOptions();
        options.Validate();
        using var file = CheckpointFile.Open(path);
        try
        {
            RefuseSkipping(file.Metadata);
            return ModelLoader.Load(file, options);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>The pruning plan that a file carries beside its weights.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The plan as JSON, or null where there is none.</returns>
    /// <exception cref="InvalidDataException">The file is of no known format, or broken.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static string? LoadPlan(string path)
    {
        using var file = CheckpointFile.Open(path);
        return file.Metadata.GetValueOrDefault(PlanKey);
    }

    /// <summary>Saves a model: <c>.safetensors</c>, or <c>.pth</c> for Python's <c>torch.load</c>. Both carry the configuration, so no
    /// preset is needed to load them.</summary>
    /// <param name="model">The model, on any device; not changed.</param>
    /// <param name="path">The file to make or replace; its extension decides on the format. After a fault the old file is
    /// untouched.</param>
    /// <param name="dtype">Type of the weights in the file, or null for fp32, where weight matrices whose every value is exactly an fp16
    /// or a bfloat16 number are stored as such.</param>
    /// <param name="extraMetadata">Further texts to keep with the weights, such as <c>plan</c>, or null.</param>
    /// <exception cref="ArgumentException">The extension is unknown, the type is no floating-point type, or a further text has a reserved
    /// name.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(VisionModel model, string path, ScalarType? dtype = null,
        IReadOnlyDictionary<string, string>? extraMetadata = null) => SaveWhole(model, path, dtype, extraMetadata, null);

    /// <summary>Saves a model and what stands beside it.</summary>
    internal static void SaveWhole(VisionModel model, string path, ScalarType? dtype, IReadOnlyDictionary<string, string>? extraMetadata, ModelPart? beside)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var metadata = MetadataOf(model, extraMetadata, beside);
        using var scope = NewDisposeScope();
        var planned = PlanOf(model, dtype, beside);
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".safetensors":
                AtomicFile.Write(path, stream => SafetensorsWriter.Write(stream, planned, metadata));
                break;
            case ".pth" or ".pt" or ".bin":
                AtomicFile.Write(path, stream => TorchCheckpointWriter.Write(stream, planned, metadata));
                break;
            default: throw new ArgumentException($"The file '{path}' has no known extension; expected .safetensors or .pth.", nameof(path));
        }
    }

    private static void RefuseSkipping(IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.ContainsKey(PatchSkippingKey))
            throw new InvalidDataException("The file holds a model that skips patches. Load it with PatchSkipFile, whose model's Backbone is the dense one.");
    }

    // Tensors that are made here belong to the caller's scope.
    private static List<TensorPlan> PlanOf(VisionModel model, ScalarType? dtype, ModelPart? beside)
    {
        var masks = model.WeightMasks.Select(mask => (MaskTensors.Prefix + mask.Key, MaskTensors.Pack(mask.Value)));
        var tensors = model.state_dict().Select(s => (s.Key, s.Value)).Concat(masks).Concat(beside?.Tensors ?? []);
        return dtype is null ? TensorPlan.Of(tensors, NarrowestExact) : TensorPlan.Of(tensors, dtype);
    }

    // Weights that were published in fp16 or bfloat16 are in memory as fp32; pruning must not double their file. Vectors are small, and
    // those that nobody trained hold only zeros and ones: they stay fp32.
    private static ScalarType NarrowestExact(Tensor weight)
    {
        if (!ElementTypes.IsFloating(weight.dtype)) return weight.dtype;    // a mask's bits
        if (weight.dim() < 2) return ScalarType.Float32;
        // bfloat16 first: hardly a weight of it is no fp16 number, so that its file would become one of fp16.
        return Holds(weight, ScalarType.BFloat16) ? ScalarType.BFloat16 : Holds(weight, ScalarType.Float16) ? ScalarType.Float16 : ScalarType.Float32;
    }

    private static bool Holds(Tensor weight, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return weight.to(type).to(weight.dtype).eq(weight).all().item<bool>();
    }

    private static Dictionary<string, string> MetadataOf(VisionModel model, IReadOnlyDictionary<string, string>? extra, ModelPart? beside)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [FormatKey] = "pt", // Python's transformers and timm ask for it
            [ConfigurationKey] = model.Configuration.ToJson(),
        };
        if (beside is not null) metadata.Add(beside.MetadataKey, beside.Description);
        foreach (var (key, value) in extra ?? new Dictionary<string, string>())
        {
            if (!metadata.TryAdd(key, value))
                throw new ArgumentException($"extraMetadata has '{key}', which the model's file sets itself.", nameof(extra));
        }
        return metadata;
    }
}
