using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>One place of an index expression: a number, a slice, a tensor, a boolean, a new dimension or an ellipsis.</summary>
    public readonly struct TensorIndex
    {
        internal enum Kinds { None, Null, Ellipsis, Bool, Single, Slice, Tensor }

        internal readonly Kinds Kind;
        internal readonly long? Start, Stop, Step;
        internal readonly Tensor Value;

        private TensorIndex(Kinds kind, long? start = null, long? stop = null, long? step = null, Tensor value = null) =>
            (Kind, Start, Stop, Step, Value) = (kind, start, stop, step, value);

        public static readonly TensorIndex None = new(Kinds.None);
        public static readonly TensorIndex Null = new(Kinds.Null);
        public static readonly TensorIndex Ellipsis = new(Kinds.Ellipsis);
        public static readonly TensorIndex Colon = new(Kinds.Slice);

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new(Kinds.Slice, start, stop, step);
        public static TensorIndex Slice((int?, int?) range) => Slice(range.Item1, range.Item2);
        public static TensorIndex Slice(Range range) => Slice(At(range.Start, true), At(range.End, false));
        public static TensorIndex Bool(bool value) => new(Kinds.Bool, value ? 1 : 0);
        public static TensorIndex Single(long? index) => new(Kinds.Single, index);
        public static TensorIndex Tensor(Tensor tensor) => new(Kinds.Tensor, value: tensor);

        public static implicit operator TensorIndex(long value) => Single(value);
        public static implicit operator TensorIndex((int?, int?) range) => Slice(range);
        public static implicit operator TensorIndex(Range range) => Slice(range);
        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);

        // ^0 as a slice's end is the end itself, which counting from the end cannot name.
        private static long? At(Index i, bool start) => !i.IsFromEnd ? i.Value : i.Value == 0 ? (start ? long.MaxValue : null) : -i.Value;
    }
}
