using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking) => MoveAll(device, dtype, non_blocking);
            protected internal virtual Module _to(ScalarType dtype, bool non_blocking) => MoveAll(null, dtype, non_blocking);
            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                MoveAll(new Device(deviceType, deviceIndex), null, non_blocking);

            private Module MoveAll(Device device, ScalarType? dtype, bool nonBlocking)
            {
                foreach (var m in _internal_submodules.Values) m.MoveAll(device, dtype, nonBlocking);
                MoveOwn(device, dtype);
                return this;
            }

            // Parameters and buffers become new objects, in the registry and in the fields that held the old ones.
            // Integer buffers keep their type, as in PyTorch. The new ones belong to no scope: the module disposes them.
            private void MoveOwn(Device device, ScalarType? dtype)
            {
                foreach (var (key, p) in _internal_params.Pairs())
                {
                    if (p is null || !Changes(p, device, dtype)) continue;
                    using var guard = no_grad();
                    using var oldGrad = p.grad;
                    var moved = new Parameter(Converted(p, device, dtype), p.requires_grad);
                    moved.DetachFromDisposeScope();
                    if (oldGrad is not null)
                    {
                        using var grad = Converted(oldGrad, device, dtype);
                        moved.grad = grad;
                    }
                    p.Dispose();
                    _internal_params[key] = moved;
                    if (_fields.TryGetValue(key, out var field)) field.SetValue(this, moved);
                    Replaced(key, moved);
                }
                foreach (var (key, (b, persistent)) in _internal_buffers.Pairs())
                {
                    if (b is null || !Changes(b, device, dtype)) continue;
                    using var guard = no_grad();
                    var moved = Converted(b, device, dtype).DetachFromDisposeScope();
                    b.Dispose();
                    _internal_buffers[key] = (moved, persistent);
                    if (_fields.TryGetValue(key, out var field)) field.SetValue(this, moved);
                    Replaced(key, moved);
                }
            }

            private protected virtual void Replaced(string key, Tensor moved) { }

            private static bool Changes(Tensor t, Device device, ScalarType? dtype) =>
                device is not null && !device.Equals(t.device) || dtype is { } d && is_floating_point(t.dtype) && d != t.dtype;

            private static Tensor Converted(Tensor t, Device device, ScalarType? dtype) =>
                t.to(dtype is { } d && is_floating_point(t.dtype) ? d : t.dtype, device ?? t.device, copy: true);
        }
    }
}
