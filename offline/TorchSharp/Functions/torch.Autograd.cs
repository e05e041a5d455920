using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static IDisposable no_grad() => new GradGuard(false);
    public static IDisposable enable_grad(bool enabled = true) => new GradGuard(enabled);
    public static IDisposable set_grad_enabled(bool mode = true) => new GradGuard(mode);
    public static bool is_grad_enabled() => NativeMethods.to_grad_enabled() != 0;
    public static IDisposable inference_mode(bool mode = true) => new InferenceGuard(mode);
    public static bool is_inference_mode_enabled() => NativeMethods.to_inference_enabled() != 0;

    // The mode belongs to the thread, as libtorch keeps it: a guard must end where it began.
    private sealed class GradGuard : IDisposable
    {
        private readonly int _before = NativeMethods.to_grad_enabled();

        internal GradGuard(bool enabled) => NativeMethods.to_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose() => NativeMethods.to_set_grad_enabled(_before);
    }

    private sealed unsafe class InferenceGuard : IDisposable
    {
        private void* _guard;

        internal InferenceGuard(bool enabled) => _guard = NativeMethods.to_inference_enter(enabled ? 1 : 0);

        public void Dispose()
        {
            if (_guard == null) return;
            NativeMethods.to_inference_leave(_guard);
            _guard = null;
        }
    }

    public static partial class autograd
    {
        public static unsafe IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor> grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            var (o, i, g) = (Handles(outputs), Handles(inputs), Handles(grad_outputs));
            var results = new IntPtr[inputs.Count];
            fixed (IntPtr* po = o) fixed (IntPtr* pi = i) fixed (IntPtr* pg = g) fixed (IntPtr* pr = results)
                NativeMethods.Check(NativeMethods.to_autograd_grad(po, o.Length, pi, i.Length, pg, g.Length, retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, pr));
            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return Array.ConvertAll(results, Tensor.Wrap);
        }

        public static unsafe void backward(IList<Tensor> tensors, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null)
        {
            var (o, g, i) = (Handles(tensors), Handles(grad_tensors), Handles(inputs));
            fixed (IntPtr* po = o) fixed (IntPtr* pg = g) fixed (IntPtr* pi = i)
                NativeMethods.Check(NativeMethods.to_backward(po, o.Length, pg, g.Length, retain_graph is { } r ? (r ? 1 : 0) : -1, create_graph ? 1 : 0, pi, i.Length));
            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            GC.KeepAlive(inputs);
        }

        public static void backward(Tensor tensor, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        internal static IntPtr[] Handles(IList<Tensor> tensors)
        {
            var handles = new IntPtr[tensors?.Count ?? 0];
            for (var k = 0; k < handles.Length; k++) handles[k] = tensors[k]?.Handle ?? IntPtr.Zero;
            return handles;
        }
    }
}
