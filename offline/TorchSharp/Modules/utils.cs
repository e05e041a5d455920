using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales the gradients so that their common norm is at most max_norm, and returns the norm from before.</summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
            {
                using var scope = NewDisposeScope();
                using var guard = no_grad();
                var grads = tensors.Select(t => t.grad).Where(g => g is not null).ToArray();
                if (grads.Length == 0) return 0;
                var first = grads[0].device;
                var norms = grads.Select(g => Aten.linalg_vector_norm.Call(g, norm_type).to(first)).ToArray();
                var total = Aten.linalg_vector_norm.Call(torch.stack(norms), norm_type).ToDouble();
                var factor = max_norm / (total + 1e-6);
                if (factor < 1) Aten._foreach_mul__Scalar.Run(grads, factor);
                return total;
            }

            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var scope = NewDisposeScope();
                using var guard = no_grad();
                foreach (var t in tensors) t.grad?.clamp_(-clip_value, clip_value);
            }

            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                return cat(tensors.Select(t => t.reshape(-1)).ToArray()).MoveToOuterDisposeScope();
            }

            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                using var guard = no_grad();
                long at = 0;
                foreach (var t in tensors)
                {
                    t.copy_(vec.narrow(0, at, t.numel()).view(t.shape));
                    at += t.numel();
                }
                if (at != vec.numel()) throw new ArgumentException($"The vector has {vec.numel()} elements, the parameters {at}.", nameof(vec));
            }
        }
    }
}
