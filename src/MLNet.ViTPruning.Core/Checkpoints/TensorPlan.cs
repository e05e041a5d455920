using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>A tensor that will be written, and as which type.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Tensor">The tensor; not owned.</param>
/// <param name="Type">The type its elements get.</param>
internal sealed record TensorPlan(string Name, Tensor Tensor, ElementType Type)
{
    /// <summary>Checks names and types before a byte is written.</summary>
    /// <exception cref="ArgumentException">A name is empty, reserved or occurs twice, or a type cannot be written.</exception>
    public static List<TensorPlan> Of(IEnumerable<(string Name, Tensor Tensor)> tensors, ScalarType? dtype)
    {
        if (dtype is not null && !ElementTypes.IsFloating(dtype.Value))
            throw new ArgumentException($"dtype is {dtype}; weights are written as Float32, Float16, BFloat16 or Float64.", nameof(dtype));
        return Of(tensors, tensor => dtype is not null && ElementTypes.IsFloating(tensor.dtype) ? dtype.Value : tensor.dtype);
    }

    /// <summary>The same with a type for each tensor.</summary>
    /// <exception cref="ArgumentException">A name is empty, reserved or occurs twice, or a type cannot be written.</exception>
    public static List<TensorPlan> Of(IEnumerable<(string Name, Tensor Tensor)> tensors, Func<Tensor, ScalarType> typeOf)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var planned = new List<TensorPlan>();
        foreach (var (name, tensor) in tensors)
        {
            if (string.IsNullOrEmpty(name) || name == "__metadata__")
                throw new ArgumentException($"'{name}' cannot be a tensor's name.", nameof(tensors));
            if (!names.Add(name)) throw new ArgumentException($"There are two tensors named '{name}'.", nameof(tensors));
            planned.Add(new TensorPlan(name, tensor, ElementTypes.Of(typeOf(tensor))));
        }
        return planned;
    }
}
