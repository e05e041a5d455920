using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>A checkpoint of which only some tensors show.</summary>
/// <param name="file">The file; not owned.</param>
/// <param name="shows">Whether a name shows.</param>
internal sealed class CheckpointPart(ICheckpoint file, Func<string, bool> shows) : ICheckpoint
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Metadata => file.Metadata;

    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = [.. file.Names.Where(shows)];

    /// <inheritdoc/>
    public IReadOnlyList<long> ShapeOf(string name) => file.ShapeOf(name);

    /// <inheritdoc/>
    public ScalarType DTypeOf(string name) => file.DTypeOf(name);

    /// <inheritdoc/>
    public Tensor ReadTensor(string name, ScalarType? dtype = null) => file.ReadTensor(name, dtype);

    /// <summary>Does nothing: the file belongs to whoever opened it.</summary>
    public void Dispose() { }
}
