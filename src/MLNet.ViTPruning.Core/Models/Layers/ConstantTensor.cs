using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>A constant that follows from sizes alone, made on the device where it is first needed.</summary>
/// <remarks>Not part of any state dict. Safe for concurrent use.</remarks>
/// <param name="create">Makes the constant on the CPU.</param>
internal sealed class ConstantTensor(Func<Tensor> create) : IDisposable
{
    private readonly Lock _lock = new();
    private volatile Tensor? _value;

    /// <summary>The constant on the device of another tensor; owned by this holder.</summary>
    /// <param name="other">The tensor it will be used with.</param>
    public Tensor On(Tensor other)
    {
        var value = _value;
        return value is not null && Fits(value, other) ? value : Make(other);
    }

    private static bool Fits(Tensor value, Tensor other) => value.device_type == other.device_type && value.device_index == other.device_index;

    private Tensor Make(Tensor other)
    {
        lock (_lock)
        {
            if (_value is not null && Fits(_value, other)) return _value;
            using var normal = inference_mode(false);
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            var value = create().to(other.device).DetachFromDisposeScope();
            _value?.Dispose();
            return _value = value;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _value?.Dispose();
            _value = null;
        }
    }
}
