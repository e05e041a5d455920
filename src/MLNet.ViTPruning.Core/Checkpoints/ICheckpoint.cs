using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Named tensors in a file, whatever its format. Reading is lazy: a tensor's bytes are touched when it is asked for.</summary>
/// <remarks>Safe for concurrent reads until it is disposed.</remarks>
public interface ICheckpoint : IDisposable
{
    /// <summary>What the file says about itself; empty where it says nothing.</summary>
    IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors' names, in ordinal order.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>The shape of a tensor.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>Its dimensions; empty for a scalar.</returns>
    /// <exception cref="KeyNotFoundException">There is no tensor of this name.</exception>
    IReadOnlyList<long> ShapeOf(string name);

    /// <summary>The element type of a tensor in the file.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>The type.</returns>
    /// <exception cref="KeyNotFoundException">There is no tensor of this name.</exception>
    ScalarType DTypeOf(string name);

    /// <summary>Copies a tensor out of the file.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="dtype">The element type wanted, or null for the file's.</param>
    /// <returns>A contiguous CPU tensor, owned by the caller.</returns>
    /// <exception cref="KeyNotFoundException">There is no tensor of this name.</exception>
    /// <exception cref="InvalidDataException">The tensor's bytes are no values of its type.</exception>
    Tensor ReadTensor(string name, ScalarType? dtype = null);
}
