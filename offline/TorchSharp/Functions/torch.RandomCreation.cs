using System;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor rand(long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.rand_generator.Call(size, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor rand(ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.rand_generator.Call(size, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor rand(long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.rand_generator.Call(new long[] { size }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor rand(long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.rand_generator.Call(new long[] { rows, columns }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor rand(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.rand_generator.Call(new long[] { dim0, dim1, dim2 }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor rand(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.rand_generator.Call(new long[] { dim0, dim1, dim2, dim3 }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor rand(int size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.rand_generator.Call(new long[] { size }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor rand(int rows, int columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.rand_generator.Call(new long[] { rows, columns }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor rand(int dim0, int dim1, int dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.rand_generator.Call(new long[] { dim0, dim1, dim2 }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor rand(int dim0, int dim1, int dim2, int dim3, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.rand_generator.Call(new long[] { dim0, dim1, dim2, dim3 }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randn(long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randn_generator.Call(size, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randn(ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randn_generator.Call(size, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randn(long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randn_generator.Call(new long[] { size }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randn(long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randn_generator.Call(new long[] { rows, columns }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randn(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randn_generator.Call(new long[] { dim0, dim1, dim2 }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randn(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randn_generator.Call(new long[] { dim0, dim1, dim2, dim3 }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randn(int size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randn_generator.Call(new long[] { size }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randn(int rows, int columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randn_generator.Call(new long[] { rows, columns }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randn(int dim0, int dim1, int dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randn_generator.Call(new long[] { dim0, dim1, dim2 }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randn(int dim0, int dim1, int dim2, int dim3, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randn_generator.Call(new long[] { dim0, dim1, dim2, dim3 }, generator, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randint(long low, long high, Size size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randint_low_generator.Call(low, high, size, generator, dtype ?? ScalarType.Int64, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randint(long high, Size size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randint_generator.Call(high, size, generator, dtype ?? ScalarType.Int64, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randint_generator.Call(high, size, generator, dtype ?? ScalarType.Int64, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randint_low_generator.Call(low, high, size, generator, dtype ?? ScalarType.Int64, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randint(int low, int high, int[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randint_low_generator.Call(low, high, Array.ConvertAll(size, i => (long)i), generator, dtype ?? ScalarType.Int64, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randint(int high, int[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randint_generator.Call(high, Array.ConvertAll(size, i => (long)i), generator, dtype ?? ScalarType.Int64, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor randperm(long n, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Aten.randperm_generator.Call(n, generator, dtype ?? ScalarType.Int64, Arg.Default, device).WithGrad(requires_grad);
}
