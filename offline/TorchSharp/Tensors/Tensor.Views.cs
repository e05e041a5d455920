using System;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor T => Aten.numpy_T.Call(this);
        public Tensor mT => Aten.mT.Call(this);

        public Tensor new_ones(long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) => New(1, [size], dtype, device, requires_grad);
        public Tensor new_ones(long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false) => New(1, [rows, columns], dtype, device, requires_grad);
        public Tensor new_ones(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false) => New(1, [dim0, dim1, dim2], dtype, device, requires_grad);
        public Tensor new_ones(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device device = null, bool requires_grad = false) => New(1, [dim0, dim1, dim2, dim3], dtype, device, requires_grad);

        public Tensor new_zeros(long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) => New(0, size, dtype, device, requires_grad);
        public Tensor new_zeros(ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) => New(0, size.ToArray(), dtype, device, requires_grad);
        public Tensor new_zeros(long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) => New(0, [size], dtype, device, requires_grad);
        public Tensor new_zeros(long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false) => New(0, [rows, columns], dtype, device, requires_grad);
        public Tensor new_zeros(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false) => New(0, [dim0, dim1, dim2], dtype, device, requires_grad);
        public Tensor new_zeros(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device device = null, bool requires_grad = false) => New(0, [dim0, dim1, dim2, dim3], dtype, device, requires_grad);

        public Tensor new_full(long[] size, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Aten.new_full.Call(this, size, value, dtype, Arg.Default, device).WithGrad(requires_grad);

        public Tensor new_empty(long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Aten.new_empty.Call(this, size, dtype, Arg.Default, device).WithGrad(requires_grad);

        private Tensor New(int value, long[] size, ScalarType? dtype, Device device, bool requiresGrad) =>
            (value == 0 ? Aten.new_zeros : Aten.new_ones).Call(this, size, dtype, Arg.Default, device).WithGrad(requiresGrad);

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            Aten.allclose.CallBool(this, target, rtol, atol, equal_nan);

        /// <summary>Whole numbers from <paramref name="from"/> up to, and without, <paramref name="to"/>.</summary>
        public Tensor random_(double from, double to, Generator generator = null)
        {
            Aten.random__from.Run(this, (long)from, (long)to, generator);
            return this;
        }

        private long[] Unflattened(long dim, long[] sizes)
        {
            var old = shape;
            var at = (int)(dim < 0 ? dim + old.Length : dim);
            return [.. old[..at], .. sizes, .. old[(at + 1)..]];
        }

        private static (Tensor, Tensor) Cast((Tensor, Tensor) pair, ScalarType? type) => (pair.Item1.CastTo(type), pair.Item2.CastTo(type));
        private static string Rounding(RoundingMode mode) => mode == RoundingMode.trunc ? "trunc" : "floor";
        private static string Named(Modules.GELU.Approximate approximate) => approximate == Modules.GELU.Approximate.tanh ? "tanh" : "none";
    }

    public static bool allclose(Tensor tensor, Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
        tensor.allclose(target, rtol, atol, equal_nan);
}
