using System;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor empty(long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.empty_memory_format.Call(size, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor empty(ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.empty_memory_format.Call(size, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor empty(long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.empty_memory_format.Call(new long[] { size }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor empty(long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.empty_memory_format.Call(new long[] { rows, columns }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor empty(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.empty_memory_format.Call(new long[] { dim0, dim1, dim2 }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor empty(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.empty_memory_format.Call(new long[] { dim0, dim1, dim2, dim3 }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor empty(int size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.empty_memory_format.Call(new long[] { size }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor empty(int rows, int columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.empty_memory_format.Call(new long[] { rows, columns }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor empty(int dim0, int dim1, int dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.empty_memory_format.Call(new long[] { dim0, dim1, dim2 }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor empty(int dim0, int dim1, int dim2, int dim3, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.empty_memory_format.Call(new long[] { dim0, dim1, dim2, dim3 }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor zeros(long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.zeros.Call(size, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor zeros(ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.zeros.Call(size, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor zeros(long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.zeros.Call(new long[] { size }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor zeros(long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.zeros.Call(new long[] { rows, columns }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor zeros(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.zeros.Call(new long[] { dim0, dim1, dim2 }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor zeros(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.zeros.Call(new long[] { dim0, dim1, dim2, dim3 }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor zeros(int size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.zeros.Call(new long[] { size }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor zeros(int rows, int columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.zeros.Call(new long[] { rows, columns }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor zeros(int dim0, int dim1, int dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.zeros.Call(new long[] { dim0, dim1, dim2 }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor zeros(int dim0, int dim1, int dim2, int dim3, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.zeros.Call(new long[] { dim0, dim1, dim2, dim3 }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor ones(long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.ones.Call(size, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor ones(ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.ones.Call(size, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor ones(long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.ones.Call(new long[] { size }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor ones(long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.ones.Call(new long[] { rows, columns }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor ones(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.ones.Call(new long[] { dim0, dim1, dim2 }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor ones(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.ones.Call(new long[] { dim0, dim1, dim2, dim3 }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor ones(int size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.ones.Call(new long[] { size }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor ones(int rows, int columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.ones.Call(new long[] { rows, columns }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor ones(int dim0, int dim1, int dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.ones.Call(new long[] { dim0, dim1, dim2 }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);

    public static Tensor ones(int dim0, int dim1, int dim2, int dim3, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Aten.ones.Call(new long[] { dim0, dim1, dim2, dim3 }, dtype ?? default_dtype, Arg.Default, device).WithGrad(requires_grad);
}
