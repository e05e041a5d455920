using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor index_select(Tensor input, long dim, Tensor index) => Aten.index_select.Call(input, dim, index);
    public static Tensor gather(Tensor input, long dim, Tensor index) => Aten.gather.Call(input, dim, index);
    public static Tensor gather(Tensor input, long dim, Tensor index, bool sparse_grad = false) =>
        Aten.gather.Call(input, dim, index, sparse_grad);
    public static Tensor scatter(Tensor input, long dim, Tensor index, Tensor src) =>
        Aten.scatter_src.Call(input, dim, index, src);
    public static Tensor scatter_add(Tensor input, long dim, Tensor index, Tensor src) =>
        Aten.scatter_add.Call(input, dim, index, src);
    public static Tensor index_add(Tensor input, long dim, Tensor index, Tensor source, Scalar alpha) =>
        Aten.index_add.Call(input, dim, index, source, alpha);
    public static Tensor index_copy(Tensor input, long dim, Tensor index, Tensor source) =>
        Aten.index_copy.Call(input, dim, index, source);
    public static Tensor index_fill(Tensor input, long dim, Tensor index, Scalar value) =>
        Aten.index_fill_int_Scalar.Call(input, dim, index, value);
    public static Tensor masked_select(Tensor input, Tensor mask) => Aten.masked_select.Call(input, mask);
    public static Tensor take(Tensor input, Tensor index) => Aten.take.Call(input, index);
    public static Tensor take_along_dim(Tensor input, Tensor indices, long dim = 0) =>
        Aten.take_along_dim.Call(input, indices, dim);
    public static Tensor nonzero(Tensor input) => Aten.nonzero.Call(input);
    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Aten.where_self.Call(condition, x, y);
    public static Tensor[] where(Tensor condition) => Aten.where.CallList(condition);
    public static Tensor bucketize(Tensor input, Tensor boundaries, bool outInt32 = false, bool right = false) =>
        Aten.bucketize_Tensor.Call(input, boundaries, outInt32, right);
    public static Tensor searchsorted(Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false, Tensor sorter = null) =>
        Aten.searchsorted_Tensor.Call(sorted_sequence, values, out_int32, right, Arg.Default, sorter);
    public static Tensor isin(Tensor tensor, Tensor test_elements, bool assumeUnique = false, bool invert = false) =>
        Aten.isin_Tensor_Tensor.Call(tensor, test_elements, assumeUnique, invert);
    public static Tensor argwhere(Tensor input) => Aten.argwhere.Call(input);
    public static (Tensor, Tensor, Tensor) unique(Tensor input, bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
        dim is null ? Aten._unique2.Call3(input, sorted, return_inverse, return_counts) : Aten.unique_dim.Call3(input, dim, sorted, return_inverse, return_counts);
    public static (Tensor, Tensor, Tensor) unique_consecutive(Tensor input, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
        Aten.unique_consecutive.Call3(input, return_inverse, return_counts, dim);
}
