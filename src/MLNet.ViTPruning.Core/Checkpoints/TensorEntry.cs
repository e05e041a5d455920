using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Where a tensor stands in a file.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DType">Its element type.</param>
/// <param name="Shape">Its dimensions; empty for a scalar.</param>
/// <param name="Offset">Position of its first byte, counted from the end of the header.</param>
/// <param name="Length">Number of its bytes.</param>
public sealed record TensorEntry(string Name, ScalarType DType, IReadOnlyList<long> Shape, long Offset, long Length);
