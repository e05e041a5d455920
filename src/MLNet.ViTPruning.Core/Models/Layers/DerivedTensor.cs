using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>A tensor computed from a weight and kept for later forward passes, such as its bfloat16 copy.</summary>
/// <remarks>No field of a module may have type <see cref="Tensor"/> without becoming part of the state dict; this holder keeps
/// such tensors out of it. Safe for concurrent use. A stale value is overwritten in place, since another thread may still be
/// reading it: it then reads the same numbers or, while weights are being changed under it, a mixture that is its caller's doing.</remarks>
internal sealed class DerivedTensor : IDisposable
{
    private sealed record Entry(Tensor Value, IntPtr Source, long Version);

    private readonly Lock _lock = new();
    private volatile Entry? _entry;

    /// <summary>The derived tensor, owned by this holder.</summary>
    /// <param name="source">The weight it is computed from.</param>
    /// <param name="pass">The forward pass that asks.</param>
    /// <param name="state">Handed to <paramref name="derive"/>, which thereby needs no closure.</param>
    /// <param name="derive">Computes it; its result must share no memory with the source.</param>
    public Tensor Get<TState>(Tensor source, ForwardPass pass, TState state, Func<Tensor, TState, Tensor> derive)
    {
        var entry = _entry;
        return Fits(entry, source, pass) ? entry!.Value : Refresh(source, pass, state, derive);
    }

    private Tensor Refresh<TState>(Tensor source, ForwardPass pass, TState state, Func<Tensor, TState, Tensor> derive)
    {
        lock (_lock)
        {
            var entry = _entry;
            if (Fits(entry, source, pass)) return entry!.Value;
            // A tensor made in inference mode could not be overwritten outside of it.
            using var normal = inference_mode(false);
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            var value = derive(source, state);
            var old = entry?.Value;
            if (old is not null && IsLike(old, value))
            {
                old.copy_(value);
                value = old;
            }
            else
            {
                value.DetachFromDisposeScope();
                old?.Dispose();
            }
            _entry = new Entry(value, source.Handle, pass.Version);
            return value;
        }
    }

    private static bool Fits(Entry? entry, Tensor source, ForwardPass pass) =>
        entry is not null && entry.Version >= pass.Version && entry.Source == source.Handle;

    private static bool IsLike(Tensor a, Tensor b) => a.dtype == b.dtype && a.device_type == b.device_type && a.device_index == b.device_index
        && a.shape.AsSpan().SequenceEqual(b.shape);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _entry?.Value.Dispose();
            _entry = null;
        }
    }
}
