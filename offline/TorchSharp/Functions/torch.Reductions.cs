using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor sum(Tensor input, ScalarType? type = null) => Aten.sum.Call(input, type);
    public static Tensor sum(Tensor input, ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
        Aten.sum_dim_IntList.Call(input, dim, keepdim, type);
    public static Tensor sum(Tensor input, long dim, bool keepdim = false, ScalarType? type = null) =>
        Aten.sum_dim_IntList.Call(input, dim, keepdim, type);
    public static Tensor mean(Tensor input) => Aten.mean.Call(input);
    public static Tensor mean(Tensor input, long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
        Aten.mean_dim.Call(input, dimensions, keepdim, type);
    public static Tensor var(Tensor input, bool unbiased = true) => Aten.var.Call(input, unbiased);
    public static Tensor var(Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Aten.var_dim.Call(input, dimensions, unbiased, keepdim).CastTo(type);
    public static Tensor var(Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Aten.var_dim.Call(input, dimensions, unbiased, keepdim).CastTo(type);
    public static Tensor var(Tensor input, (long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Aten.var_dim.Call(input, dimensions, unbiased, keepdim).CastTo(type);
    public static Tensor var(Tensor input, (long, long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Aten.var_dim.Call(input, dimensions, unbiased, keepdim).CastTo(type);
    public static Tensor std(Tensor input, bool unbiased = true) => Aten.std.Call(input, unbiased);
    public static Tensor std(Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Aten.std_dim.Call(input, dimensions, unbiased, keepdim).CastTo(type);
    public static Tensor std(Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Aten.std_dim.Call(input, dimensions, unbiased, keepdim).CastTo(type);
    public static Tensor std(Tensor input, (long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Aten.std_dim.Call(input, dimensions, unbiased, keepdim).CastTo(type);
    public static Tensor std(Tensor input, (long, long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Aten.std_dim.Call(input, dimensions, unbiased, keepdim).CastTo(type);
    public static (Tensor, Tensor) var_mean(Tensor input, bool unbiased = true) => Aten.var_mean.Call2(input, unbiased);
    public static (Tensor, Tensor) var_mean(Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Cast(Aten.var_mean_dim.Call2(input, dimensions, unbiased, keepdim), type);
    public static (Tensor, Tensor) var_mean(Tensor input, ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Cast(Aten.var_mean_dim.Call2(input, dimensions, unbiased, keepdim), type);
    public static (Tensor, Tensor) var_mean(Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Cast(Aten.var_mean_dim.Call2(input, dimensions, unbiased, keepdim), type);
    public static (Tensor, Tensor) var_mean(Tensor input, (long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Cast(Aten.var_mean_dim.Call2(input, dimensions, unbiased, keepdim), type);
    public static (Tensor, Tensor) var_mean(Tensor input, (long, long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Cast(Aten.var_mean_dim.Call2(input, dimensions, unbiased, keepdim), type);
    public static (Tensor, Tensor) std_mean(Tensor input, bool unbiased = true) => Aten.std_mean.Call2(input, unbiased);
    public static (Tensor, Tensor) std_mean(Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Cast(Aten.std_mean_dim.Call2(input, dimensions, unbiased, keepdim), type);
    public static (Tensor, Tensor) std_mean(Tensor input, ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Cast(Aten.std_mean_dim.Call2(input, dimensions, unbiased, keepdim), type);
    public static (Tensor, Tensor) std_mean(Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Cast(Aten.std_mean_dim.Call2(input, dimensions, unbiased, keepdim), type);
    public static (Tensor, Tensor) std_mean(Tensor input, (long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Cast(Aten.std_mean_dim.Call2(input, dimensions, unbiased, keepdim), type);
    public static (Tensor, Tensor) std_mean(Tensor input, (long, long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        Cast(Aten.std_mean_dim.Call2(input, dimensions, unbiased, keepdim), type);
    public static Tensor prod(Tensor input, ScalarType? type = null) => Aten.prod.Call(input, type);
    public static Tensor prod(Tensor input, long dim, bool keepdim = false, ScalarType? type = null) =>
        Aten.prod_dim_int.Call(input, dim, keepdim, type);
    public static Tensor min(Tensor input) => Aten.min.Call(input);
    public static Tensor min(Tensor input, Tensor other) => Aten.min_other.Call(input, other);
    public static (Tensor, Tensor) min(Tensor input, long dim, bool keepdim = false) => Aten.min_dim.Call2(input, dim, keepdim);
    public static Tensor max(Tensor input) => Aten.max.Call(input);
    public static Tensor max(Tensor input, Tensor other) => Aten.max_other.Call(input, other);
    public static (Tensor, Tensor) max(Tensor input, long dim, bool keepdim = false) => Aten.max_dim.Call2(input, dim, keepdim);
    public static Tensor amin(Tensor input, long[] dims, bool keepdim = false) => Aten.amin.Call(input, dims, keepdim);
    public static Tensor amin(Tensor input, ReadOnlySpan<long> dims, bool keepdim = false) =>
        Aten.amin.Call(input, dims, keepdim);
    public static Tensor amax(Tensor input, long[] dims, bool keepdim = false) => Aten.amax.Call(input, dims, keepdim);
    public static Tensor amax(Tensor input, ReadOnlySpan<long> dims, bool keepdim = false) =>
        Aten.amax.Call(input, dims, keepdim);
    public static Tensor amax(Tensor input, long[] dims) => Aten.amax.Call(input, dims);
    public static (Tensor, Tensor) aminmax(Tensor input, long? dim = null, bool keepdim = false) =>
        Aten.aminmax.Call2(input, dim, keepdim);
    public static Tensor argmin(Tensor input) => Aten.argmin.Call(input);
    public static Tensor argmin(Tensor input, long dim, bool keepdim = false) => Aten.argmin.Call(input, dim, keepdim);
    public static Tensor argmax(Tensor input) => Aten.argmax.Call(input);
    public static Tensor argmax(Tensor input, long dim, bool keepdim = false) => Aten.argmax.Call(input, dim, keepdim);
    public static Tensor any(Tensor input) => Aten.any.Call(input);
    public static Tensor any(Tensor input, long dim, bool keepdim = false) => Aten.any_dim.Call(input, dim, keepdim);
    public static Tensor all(Tensor input) => Aten.all.Call(input);
    public static Tensor all(Tensor input, long dim, bool keepdim = false) => Aten.all_dim.Call(input, dim, keepdim);
    public static Tensor norm(Tensor input) => Aten.norm_Scalar.Call(input);
    public static Tensor norm(Tensor input, float p = 2) => Aten.norm_Scalar.Call(input, p);
    public static Tensor norm(Tensor input, int dimension, bool keepdim = false, float p = 2) =>
        Aten.norm_ScalarOpt_dim.Call(input, p, (long)dimension, keepdim);
    public static Tensor median(Tensor input) => Aten.median.Call(input);
    public static Tensor nanmedian(Tensor input) => Aten.nanmedian.Call(input);
    public static Tensor logsumexp(Tensor input, long dim, bool keepdim = false) => Aten.logsumexp.Call(input, dim, keepdim);
    public static Tensor cumsum(Tensor input, long dim, ScalarType? type = null) => Aten.cumsum.Call(input, dim, type);
    public static Tensor cumprod(Tensor input, long dim, ScalarType? dtype = null) => Aten.cumprod.Call(input, dim, dtype);
    public static (Tensor, Tensor) cummax(Tensor input, long dim) => Aten.cummax.Call2(input, dim);
    public static (Tensor, Tensor) cummin(Tensor input, long dim) => Aten.cummin.Call2(input, dim);
    public static Tensor logcumsumexp(Tensor input, long dim) => Aten.logcumsumexp.Call(input, dim);
    public static Tensor count_nonzero(Tensor input, long[] dims = null) =>
        dims is null ? Aten.count_nonzero.Call(input) : Aten.count_nonzero_dim_IntList.Call(input, dims);
    public static Tensor nansum(Tensor input) => Aten.nansum.Call(input);
    public static Tensor nanmean(Tensor input, int? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
        Aten.nanmean.Call(input, dim is null ? Arg.None : dim, keepdim, dtype);
    public static Tensor quantile(Tensor input, Tensor q, long dim = -1, bool keepdim = false) =>
        Aten.quantile.Call(input, q, dim, keepdim);
    public static Tensor nanquantile(Tensor input, Tensor q, long dim = -1, bool keepdim = false) =>
        Aten.nanquantile.Call(input, q, dim, keepdim);
    public static (Tensor, Tensor) kthvalue(Tensor input, long k, long? dim, bool keepdim = false) =>
        Aten.kthvalue.Call2(input, k, dim ?? -1, keepdim);
    public static (Tensor, Tensor) mode(Tensor input, long dim = -1, bool keepdim = false) =>
        Aten.mode.Call2(input, dim, keepdim);
    public static (Tensor, Tensor) sort(Tensor input, long dim = -1, bool descending = false, bool stable = false) =>
        Aten.sort_stable.Call2(input, stable, dim, descending);
    public static Tensor argsort(Tensor input, long dim = -1, bool descending = false) =>
        Aten.argsort.Call(input, dim, descending);
    public static (Tensor, Tensor) topk(Tensor tensor, int k, int dim = -1, bool largest = true, bool sorted = true) =>
        Aten.topk.Call2(tensor, k, dim, largest, sorted);
    public static Tensor msort(Tensor tensor) => Aten.msort.Call(tensor);
    public static Tensor bincount(Tensor input, Tensor weights = null, long minlength = 0) =>
        Aten.bincount.Call(input, weights, minlength);
    public static Tensor histc(Tensor input, long bins = 100, long min = 0, long max = 0) =>
        Aten.histc.Call(input, bins, min, max);
    public static Tensor trace(Tensor input) => Aten.trace.Call(input);
    public static Tensor dist(Tensor input, Tensor other, float p = 2) => Aten.dist.Call(input, other, p);
    public static Tensor diff(Tensor input, long n = 1, long dim = -1, Tensor prepend = null, Tensor append = null) =>
        Aten.diff.Call(input, n, dim, prepend, append);
}
