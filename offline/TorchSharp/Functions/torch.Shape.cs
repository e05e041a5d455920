using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor reshape(Tensor input, params long[] shape) => Aten.reshape.Call(input, shape);
    public static Tensor permute(Tensor input, params long[] permutation) => Aten.permute.Call(input, permutation);
    public static Tensor transpose(Tensor input, long dim0, long dim1) => Aten.transpose_int.Call(input, dim0, dim1);
    public static Tensor t(Tensor input) => Aten.t.Call(input);
    public static Tensor swapaxes(Tensor input, long axis0, long axis1) => Aten.swapaxes.Call(input, axis0, axis1);
    public static Tensor swapdims(Tensor input, long dim0, long dim1) => Aten.swapdims.Call(input, dim0, dim1);
    public static Tensor unsqueeze(Tensor input, long dim) => Aten.unsqueeze.Call(input, dim);
    public static Tensor squeeze(Tensor input, long? dim = null) =>
        dim is null ? Aten.squeeze.Call(input) : Aten.squeeze_dim.Call(input, dim);
    public static Tensor flatten(Tensor input, long start_dim = 0, long end_dim = -1) =>
        Aten.flatten_using_ints.Call(input, start_dim, end_dim);
    public static Tensor unflatten(Tensor input, long dim, params long[] sizes) => input.unflatten(dim, sizes);
    public static Tensor unflatten(Tensor input, long dim, Size sizes) => input.unflatten(dim, sizes);
    public static Tensor broadcast_to(Tensor input, params long[] shape) => Aten.broadcast_to.Call(input, shape);
    public static Tensor tile(Tensor input, long[] dims) => Aten.tile.Call(input, dims);
    public static Tensor repeat_interleave(Tensor input, long repeats, long? dim = null, long? output_size = null) =>
        Aten.repeat_interleave_self_int.Call(input, repeats, dim, output_size);
    public static Tensor repeat_interleave(Tensor input, Tensor repeats, long? dim = null, long? output_size = null) =>
        Aten.repeat_interleave_self_Tensor.Call(input, repeats, dim, output_size);
    public static Tensor[] chunk(Tensor input, long chunks, long dim = 0) => Aten.chunk.CallList(input, chunks, dim);
    public static Tensor[] split(Tensor tensor, long[] split_size_or_sections, long dim = 0) =>
        Aten.split_with_sizes.CallList(tensor, split_size_or_sections, dim);
    public static Tensor[] tensor_split(Tensor input, long indices_or_sections, long dim = 0) =>
        Aten.tensor_split_sections.CallList(input, indices_or_sections, dim);
    public static Tensor[] tensor_split(Tensor input, long[] indices_or_sections, long dim = 0) =>
        Aten.tensor_split_indices.CallList(input, indices_or_sections, dim);
    public static Tensor[] tensor_split(Tensor input, Tensor indices_or_sections, long dim = 0) =>
        Aten.tensor_split_tensor_indices_or_sections.CallList(input, indices_or_sections, dim);
    public static Tensor[] hsplit(Tensor input, long indices_or_sections) =>
        Aten.hsplit_int.CallList(input, indices_or_sections);
    public static Tensor[] hsplit(Tensor input, long[] indices_or_sections) =>
        Aten.hsplit_array.CallList(input, indices_or_sections);
    public static Tensor[] hsplit(Tensor input, (long, long) indices_or_sections) =>
        Aten.hsplit_array.CallList(input, indices_or_sections);
    public static Tensor[] hsplit(Tensor input, (long, long, long) indices_or_sections) =>
        Aten.hsplit_array.CallList(input, indices_or_sections);
    public static Tensor[] hsplit(Tensor input, (long, long, long, long) indices_or_sections) =>
        Aten.hsplit_array.CallList(input, indices_or_sections);
    public static Tensor[] vsplit(Tensor input, long[] indices_or_sections) =>
        Aten.vsplit_array.CallList(input, indices_or_sections);
    public static Tensor[] unbind(Tensor tensor, int dim = 0) => Aten.unbind_int.CallList(tensor, dim);
    public static Tensor[] unbind(Tensor input, long dim = 0) => Aten.unbind_int.CallList(input, dim);
    public static Tensor flip(Tensor input, params long[] dims) => Aten.flip.Call(input, dims);
    public static Tensor fliplr(Tensor input) => Aten.fliplr.Call(input);
    public static Tensor flipud(Tensor input) => Aten.flipud.Call(input);
    public static Tensor roll(Tensor input, long shifts, long? dims = null) =>
        Aten.roll.Call(input, shifts, dims is { } d ? new long[] { d } : Arg.Default);
    public static Tensor roll(Tensor input, (long, long) shifts, (long, long) dims) => Aten.roll.Call(input, shifts, dims);
    public static Tensor roll(Tensor input, (long, long, long) shifts, (long, long, long) dims) =>
        Aten.roll.Call(input, shifts, dims);
    public static Tensor roll(Tensor input, long[] shifts, long[] dims) => Aten.roll.Call(input, shifts, dims);
    public static Tensor roll(Tensor input, long[] shifts) => Aten.roll.Call(input, shifts);
    public static Tensor roll(Tensor input, ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) =>
        Aten.roll.Call(input, shifts, dims);
    public static Tensor rot90(Tensor input, long k = 1, (long, long)? dims = null) => Aten.rot90.Call(input, k, dims ?? (0, 1));
    public static Tensor movedim(Tensor input, long source, long destination) =>
        Aten.movedim_int.Call(input, source, destination);
    public static Tensor movedim(Tensor input, long[] source, long[] destination) =>
        Aten.movedim_intlist.Call(input, source, destination);
    public static Tensor moveaxis(Tensor input, long source, long destination) =>
        Aten.movedim_int.Call(input, source, destination);
    public static Tensor moveaxis(Tensor input, (long, long) source, (long, long) destination) =>
        Aten.movedim_intlist.Call(input, source, destination);
    public static Tensor moveaxis(Tensor input, (long, long, long) source, (long, long, long) destination) =>
        Aten.movedim_intlist.Call(input, source, destination);
    public static Tensor moveaxis(Tensor input, (long, long, long, long) source, (long, long, long, long) destination) =>
        Aten.movedim_intlist.Call(input, source, destination);
    public static Tensor moveaxis(Tensor input, long[] source, long[] destination) =>
        Aten.movedim_intlist.Call(input, source, destination);
    public static Tensor ravel(Tensor input) => Aten.ravel.Call(input);
    public static Tensor diag(Tensor input, long diagonal = 0) => Aten.diag.Call(input, diagonal);
    public static Tensor diagonal(Tensor input, long offset = 0, long dim1 = 0, long dim2 = 1) =>
        Aten.diagonal.Call(input, offset, dim1, dim2);
    public static Tensor diag_embed(Tensor input, long offset = 0, long dim1 = -2, long dim2 = -1) =>
        Aten.diag_embed.Call(input, offset, dim1, dim2);
    public static Tensor diagflat(Tensor input, long offset = 0) => Aten.diagflat.Call(input, offset);
    public static Tensor tril(Tensor input, long diagonal = 0) => Aten.tril.Call(input, diagonal);
    public static Tensor triu(Tensor input, long diagonal = 0) => Aten.triu.Call(input, diagonal);
    public static Tensor clone(Tensor input) => Aten.clone.Call(input);
    public static Tensor narrow(Tensor input, long dim, long start, long length) => Aten.narrow.Call(input, dim, start, length);
    public static Tensor select(Tensor input, long dim, long index) => Aten.select_int.Call(input, dim, index);
    public static Tensor diagonal_scatter(Tensor input, Tensor src, long offset = 0, long dim1 = 0, long dim2 = 1) =>
        Aten.diagonal_scatter.Call(input, src, offset, dim1, dim2);
    public static Tensor select_scatter(Tensor input, Tensor src, long dim, long index) =>
        Aten.select_scatter.Call(input, src, dim, index);
    public static Tensor slice_scatter(Tensor input, Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1) =>
        Aten.slice_scatter.Call(input, src, dim, start, end, step);
    public static Tensor resolve_conj(Tensor input) => Aten.resolve_conj.Call(input);
}
