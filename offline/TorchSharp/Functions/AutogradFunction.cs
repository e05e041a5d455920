using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>An operation with a backward pass of its own.</summary>
        public abstract class Function<T> where T : Function<T>, new()
        {
            public abstract string Name { get; }

            private protected abstract List<Tensor> Run(AutogradContext ctx, object[] vars);
            private protected abstract List<Tensor> RunBack(AutogradContext ctx, List<Tensor> gradients);

            protected static List<Tensor> apply_internal(params object[] vars)
            {
                var function = new T();
                var ctx = new AutogradContext();
                var inputs = vars.OfType<Tensor>().ToArray();
                List<Tensor> outputs;
                using (no_grad()) outputs = function.Run(ctx, vars);
                return Graph.Enter(inputs, outputs, ctx, gradients => PerInput(function.RunBack(ctx, gradients), vars));
            }

            // One gradient for each argument, or one for each of those that are tensors.
            private static List<Tensor> PerInput(List<Tensor> gradients, object[] vars)
            {
                var count = vars.Count(v => v is Tensor);
                if (gradients.Count == count) return gradients;
                if (gradients.Count != vars.Length) throw new InvalidOperationException($"backward gave {gradients.Count} gradients for {vars.Length} arguments.");
                return gradients.Where((_, i) => vars[i] is Tensor).ToList();
            }
        }

        public abstract class SingleTensorFunction<T> : Function<T> where T : SingleTensorFunction<T>, new()
        {
            public abstract Tensor forward(AutogradContext ctx, params object[] vars);
            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            public static Tensor apply(params object[] vars) => apply_internal(vars)[0];

            private protected override List<Tensor> Run(AutogradContext ctx, object[] vars) => [forward(ctx, vars)];
            private protected override List<Tensor> RunBack(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients[0]);
        }

        public abstract class MultiTensorFunction<T> : Function<T> where T : MultiTensorFunction<T>, new()
        {
            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);
            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            public static List<Tensor> apply(params object[] vars) => apply_internal(vars);

            private protected override List<Tensor> Run(AutogradContext ctx, object[] vars) => forward(ctx, vars);
            private protected override List<Tensor> RunBack(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients);
        }

        /// <summary>Managed backward passes by number, for as long as a graph may call them.</summary>
        private static unsafe class Graph
        {
            private sealed record Part(AutogradContext Context, Func<List<Tensor>, List<Tensor>> Backward);

            private static readonly ConcurrentDictionary<long, Part> Parts = new();
            private static long _next;

            internal static List<Tensor> Enter(Tensor[] inputs, List<Tensor> outputs, AutogradContext ctx, Func<List<Tensor>, List<Tensor>> backward)
            {
                var id = Interlocked.Increment(ref _next);
                Parts[id] = new Part(ctx, backward);
                var (i, o, c) = (Handles(inputs), Handles(outputs), Handles(ctx.Constant));
                var results = new IntPtr[o.Length];
                fixed (IntPtr* pi = i) fixed (IntPtr* po = o) fixed (IntPtr* pc = c) fixed (IntPtr* pr = results)
                    NativeMethods.Check(NativeMethods.to_managed_function(pi, i.Length, po, o.Length, pc, c.Length, id, &Run, &Forget, pr));
                GC.KeepAlive(inputs);
                foreach (var t in outputs)
                    if (Array.IndexOf(inputs, t) < 0) t.Dispose();
                return results.Select(Tensor.Wrap).ToList();
            }

            [UnmanagedCallersOnly]
            private static int Run(long id, IntPtr* gradients, int count, IntPtr* results, int wanted)
            {
                try
                {
                    using var scope = NewDisposeScope();
                    var given = new List<Tensor>();
                    for (var k = 0; k < count; k++) given.Add(gradients[k] == IntPtr.Zero ? null : Tensor.Wrap(NativeMethods.to_retain(gradients[k])));
                    var made = Parts[id].Backward(given);
                    for (var k = 0; k < Math.Min(wanted, made.Count); k++)
                        if (made[k] is { } t) results[k] = NativeMethods.to_retain(t.Handle);
                    return 0;
                }
                catch (Exception)
                {
                    return -1; // no exception may pass through native frames
                }
            }

            [UnmanagedCallersOnly]
            private static void Forget(long id)
            {
                if (Parts.TryRemove(id, out var part)) part.Context.Dispose();
            }
        }
    }
}
