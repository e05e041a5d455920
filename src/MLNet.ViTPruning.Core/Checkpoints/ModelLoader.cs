using MLNet.ViTPruning.Checkpoints.KeyMaps;
using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Makes a model of a checkpoint: structure, key map, head, position embeddings, weights.</summary>
internal sealed class ModelLoader
{
    private static readonly string[] HeadNames = ["head.weight", "head_dist.weight", "head.fc.weight"];

    private readonly ICheckpoint _masks;
    private readonly MappedCheckpoint _file;
    private readonly ModelLoadOptions _options;
    private readonly ModelConfiguration _configuration;
    private readonly bool _newHead;

    private ModelLoader(ICheckpoint file, ModelLoadOptions options)
    {
        _options = options;
        _configuration = ConfigurationResolver.Adapt(ConfigurationResolver.Resolve(file.Metadata, options), options);
        _configuration.Validate();
        _masks = file;
        _file = new MappedCheckpoint(new CheckpointPart(file, name => !MaskTensors.Is(name)));
        _newHead = options.NumClasses is int wanted && HeadSize() != wanted;
        ModelSize.Check(_configuration, file.Names.Sum(n => ShapeMath.ElementCount(file.ShapeOf(n)) ?? 0));
    }

    /// <returns>A model in evaluation mode on the CPU, owned by the caller.</returns>
    public static VisionModel Load(ICheckpoint file, ModelLoadOptions options) => new ModelLoader(file, options).Load();

    private VisionModel Load() => VisionModel.CreateFilled(_configuration, model =>
    {
        using var scope = NewDisposeScope();
        var state = model.state_dict();
        Check(state);
        foreach (string name in state.Keys)
        {
            if (!IsNewHead(name)) Fill(name, state[name]);
        }
        if (_newHead) DrawHead(state);
        model.SetWeightMasks(Masks(state));
    });

    // Only files of this library have masks, and those have timm's names. A weight that is drawn or computed anew here leaves its mask behind.
    private Dictionary<string, Tensor> Masks(Dictionary<string, Tensor> state) => _masks.Names
        .Where(name => MaskTensors.Is(name) && !IsNewHead(MaskTensors.NameOf(name)) && !Interpolates(MaskTensors.NameOf(name)))
        .ToDictionary(MaskTensors.NameOf, name => MaskTensors.Read(name, state, _masks.DTypeOf(name), _masks.ShapeOf(name), memory =>
        {
            using var bits = _masks.ReadTensor(name);
            bits.bytes.CopyTo(memory);
        }));

    private void Check(Dictionary<string, Tensor> state)
    {
        var given = _file.Names.ToDictionary(n => n, n => _file.ShapeOf(n), StringComparer.Ordinal);
        var expected = state.ToDictionary(s => s.Key, s => s.Value.shape, StringComparer.Ordinal);
        List<string> faults = [.. _file.Faults,
            .. StateDictFaults.Compare(expected, given, n => IsNewHead(n) || (Interpolates(n) && expected.ContainsKey(n) && given.ContainsKey(n)))];
        string? hint = HeadSize() is long size && !_newHead && size != _configuration.NumClasses
            ? $"The file's head has {size} outputs, the model {_configuration.NumClasses}: give NumClasses = {size} to take the file's head, another number to replace it."
            : null;
        StateDictFaults.ThrowIfAny(faults, $"{_configuration.Architecture ?? $"a {_configuration.Family} model"} ({_file.Map.Name} names)",
            hint);
    }

    private void Fill(string name, Tensor parameter)
    {
        using var scope = NewDisposeScope();
        var read = _file.ReadTensor(name, parameter.dtype);
        if (Interpolates(name) && !read.shape.SequenceEqual(parameter.shape)) read = Interpolate(name, read, parameter);
        parameter.copy_(read);
    }

    // Only where the caller asked for another image size: otherwise another number of positions is a fault.
    private bool Interpolates(string name) =>
        _options.ImageSize is not null && (name == "pos_embed" || name.EndsWith(".relative_position_bias_table", StringComparison.Ordinal));

    private Tensor Interpolate(string name, Tensor read, Tensor parameter)
    {
        try
        {
            var fitted = name == "pos_embed"
                ? PositionEmbedding.Interpolate(read, _configuration.PrefixTokens(), _configuration.ResolutionOf(0))
                : PositionEmbedding.InterpolateBias(read, (int)(Math.Sqrt(parameter.shape[0]) + 1) / 2);
            if (fitted.shape.SequenceEqual(parameter.shape)) return fitted;
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{name} cannot be interpolated: {e.Message}", e);
        }
        throw new InvalidDataException($"{name} cannot be interpolated from {ShapeMath.Format(read.shape)} to {ShapeMath.Format(parameter.shape)}.");
    }

    private long? HeadSize() =>
        HeadNames.Where(_file.Names.Contains).Select(n => _file.ShapeOf(n)).Where(s => s.Count > 0).Select(s => (long?)s[0]).FirstOrDefault();

    private bool IsNewHead(string name) =>
        _newHead && (name.StartsWith("head.", StringComparison.Ordinal) || name.StartsWith("head_dist.", StringComparison.Ordinal));

    // As timm draws a new model's head: normal with 0.02, bias 0; from a generator of its own.
    private void DrawHead(Dictionary<string, Tensor> state)
    {
        using var generator = new Generator(_options.Seed);
        foreach (var (name, parameter) in state.Where(s => IsNewHead(s.Key)).OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            if (parameter.ndim == 1) parameter.zero_();
            else parameter.normal_(0, 0.02, generator);
        }
    }
}
