using System;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor full(long[] size, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.full.Call(size, value, dtype ?? TypeOf(value), Arg.Default, device).WithGrad(requires_grad);

    public static Tensor full(ReadOnlySpan<long> size, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.full.Call(size, value, dtype ?? TypeOf(value), Arg.Default, device).WithGrad(requires_grad);

    public static Tensor full(long size, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.full.Call(new long[] { size }, value, dtype ?? TypeOf(value), Arg.Default, device).WithGrad(requires_grad);

    public static Tensor full(long rows, long columns, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.full.Call(new long[] { rows, columns }, value, dtype ?? TypeOf(value), Arg.Default, device).WithGrad(requires_grad);

    public static Tensor full(long dim0, long dim1, long dim2, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.full.Call(new long[] { dim0, dim1, dim2 }, value, dtype ?? TypeOf(value), Arg.Default, device).WithGrad(requires_grad);

    public static Tensor full(long dim0, long dim1, long dim2, long dim3, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.full.Call(new long[] { dim0, dim1, dim2, dim3 }, value, dtype ?? TypeOf(value), Arg.Default, device).WithGrad(requires_grad);

    public static Tensor full(int size, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.full.Call(new long[] { size }, value, dtype ?? TypeOf(value), Arg.Default, device).WithGrad(requires_grad);

    public static Tensor full(int rows, int columns, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.full.Call(new long[] { rows, columns }, value, dtype ?? TypeOf(value), Arg.Default, device).WithGrad(requires_grad);

    public static Tensor full(int dim0, int dim1, int dim2, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.full.Call(new long[] { dim0, dim1, dim2 }, value, dtype ?? TypeOf(value), Arg.Default, device).WithGrad(requires_grad);

    public static Tensor full(int dim0, int dim1, int dim2, int dim3, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.full.Call(new long[] { dim0, dim1, dim2, dim3 }, value, dtype ?? TypeOf(value), Arg.Default, device).WithGrad(requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.arange_start_step.Call(start, stop, step, dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.arange_start.Call(start, stop, dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.arange.Call(stop, dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor eye(long rows, long columns = -1, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.eye_m.Call(rows, columns < 0 ? rows : columns, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.linspace.Call(start, end, steps, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor logspace(double start, double end, long steps, double @base = 10, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.logspace.Call(start, end, steps, @base, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);
}
