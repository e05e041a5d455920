using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints.KeyMaps;

/// <summary>A checkpoint under timm's names, whatever names its file has. Tensors that timm keeps as one are joined when they are
/// read.</summary>
internal sealed class MappedCheckpoint : ICheckpoint
{
    private const int Parts = 3; // query, key, value
    private readonly ICheckpoint _file;
    private readonly SortedDictionary<string, string[]> _sources = new(StringComparer.Ordinal);

    /// <param name="file">The file; not owned.</param>
    /// <exception cref="InvalidDataException">A name belongs to a feature that the models do not have.</exception>
    public MappedCheckpoint(ICheckpoint file)
    {
        _file = file;
        Map = KeyMapTable.All.First(map => map.Fits(file.Names));
        UnmodelledFeatures.Refuse(file.Names.Select(Map.Plain));
        foreach (string name in file.Names) Add(name);
        foreach (var (target, sources) in _sources.Where(s => s.Value.Length == Parts).ToArray()) CheckParts(target, sources);
        Names = [.. _sources.Keys];
    }

    /// <summary>Whose names the file has.</summary>
    public KeyMap Map { get; }

    /// <summary>What does not fit the map, one line each: names without a rule, parts that are missing, two names for one.</summary>
    public List<string> Faults { get; } = [];

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Metadata => _file.Metadata;

    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; }

    /// <inheritdoc/>
    public IReadOnlyList<long> ShapeOf(string name)
    {
        var shapes = SourcesOf(name).Select(_file.ShapeOf).ToArray();
        return shapes.Length == 1 ? shapes[0] : [shapes.Sum(s => s[0]), .. shapes[0].Skip(1)];
    }

    /// <inheritdoc/>
    public ScalarType DTypeOf(string name) => _file.DTypeOf(SourcesOf(name)[0]);

    /// <inheritdoc/>
    public Tensor ReadTensor(string name, ScalarType? dtype = null)
    {
        string[] sources = SourcesOf(name);
        if (sources.Length == 1) return _file.ReadTensor(sources[0], dtype);
        using var scope = NewDisposeScope();
        return cat([.. sources.Select(s => _file.ReadTensor(s, dtype))], 0).MoveToOuterDisposeScope(); // [q + k + v, ...]
    }

    /// <summary>Names as the file has them, for messages.</summary>
    public string SourceOf(string name) => string.Join(" + ", SourcesOf(name));

    /// <summary>Does nothing: the file belongs to whoever opened it.</summary>
    public void Dispose() { }

    private void Add(string name)
    {
        var rule = Map.RuleOf(name, out string? target);
        if (rule is null)
        {
            Faults.Add($"{name}: left over, {Map.Name} has no such name");
            return;
        }
        if (target is null) return;
        if (!_sources.TryGetValue(target, out var sources)) _sources.Add(target, sources = new string[rule.Part < 0 ? 1 : Parts]);
        int at = Math.Max(rule.Part, 0);
        if (at < sources.Length && sources[at] is null) sources[at] = name;
        else Faults.Add($"{name}: {target} has another source already");
    }

    private void CheckParts(string target, string[] sources)
    {
        if (sources.Contains(null))
        {
            Faults.Add($"{target}: only {string.Join(", ", sources.Where(s => s is not null))} of its {Parts} parts are there");
            _sources.Remove(target);
            return;
        }
        var shapes = sources.Select(_file.ShapeOf).ToArray();
        if (Array.TrueForAll(shapes, s => s.Count > 0 && s.Skip(1).SequenceEqual(shapes[0].Skip(1)))) return;
        Faults.Add($"{target}: its parts {string.Join(", ", sources.Zip(shapes, (s, shape) => $"{s} {ShapeMath.Format(shape)}"))} cannot be joined");
        _sources.Remove(target);
    }

    private string[] SourcesOf(string name) =>
        _sources.TryGetValue(name, out var sources) ? sources : throw new KeyNotFoundException($"The file has no tensor '{name}'.");
}
