using System;
using System.Collections.Generic;
using static TorchSharp.torch.TensorIndex;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[long i1]
        {
            get => At([i1]);
            set => Put([i1], value);
        }

        public Tensor this[long i1, long i2]
        {
            get => At([i1, i2]);
            set => Put([i1, i2], value);
        }

        public Tensor this[long i1, long i2, long i3]
        {
            get => At([i1, i2, i3]);
            set => Put([i1, i2, i3], value);
        }

        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => At([i1, i2, i3, i4]);
            set => Put([i1, i2, i3, i4], value);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => At([i1, i2, i3, i4, i5]);
            set => Put([i1, i2, i3, i4, i5], value);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => At([i1, i2, i3, i4, i5, i6]);
            set => Put([i1, i2, i3, i4, i5, i6], value);
        }

        public Tensor this[params long[] indices]
        {
            get => At(indices);
            set => Put(indices, value);
        }

        private Tensor At(ReadOnlySpan<long> indices)
        {
            var at = this;
            foreach (var i in indices)
            {
                var next = Aten.select_int.Call(at, 0, i);
                if (!ReferenceEquals(at, this)) at.Dispose();
                at = next;
            }
            return ReferenceEquals(at, this) ? alias() : at;
        }

        private void Put(ReadOnlySpan<long> indices, Tensor value)
        {
            using var place = At(indices);
            place.copy_(value);
        }

        public Tensor index(params Tensor[] indices) => Aten.index_Tensor.Call(this, indices);

        public Tensor index(params TensorIndex[] indices)
        {
            var (view, tensors) = View(indices);
            if (tensors is null) return view;
            var result = Aten.index_Tensor.Call(view, tensors);
            view.Dispose();
            return result;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false)
        {
            Aten.index_put_.Run(this, indices, value, accumulate);
            return this;
        }

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            var (view, tensors) = View(indices);
            using (view)
            {
                if (tensors is not null) Aten.index_put_.Run(view, tensors, value, accumulate);
                else if (accumulate) Aten.add__Tensor.Run(view, value);
                else Aten.copy_.Run(view, value);
            }
            return this;
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices)
        {
            using var v = Data.OfScalar(value).to(dtype, device, disposeAfter: true);
            return index_put_(v, indices, false);
        }

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var v = Data.OfScalar(value).to(dtype, device, disposeAfter: true);
            return index_put_(v, indices, false);
        }

        // Numbers, slices and new dimensions give a view; what tensors index remains, one place a dimension of the view.
        private (Tensor View, Tensor[] Tensors) View(TensorIndex[] indices)
        {
            var taken = 0;
            foreach (var i in indices)
                taken += i.Kind switch
                {
                    Kinds.Single or Kinds.Slice => 1,
                    Kinds.Tensor => i.Value.dtype is ScalarType.Bool or ScalarType.Byte ? (int)i.Value.dim() : 1,
                    _ => 0,
                };
            var view = alias();
            List<Tensor> tensors = null;
            var at = 0;   // dimension of the view
            var slot = 0; // place in the list of tensors: a mask takes one, whatever its dimensions
            foreach (var i in indices)
            {
                switch (i.Kind)
                {
                    case Kinds.Single: Step(ref view, Aten.select_int.Call(view, at, i.Start ?? 0)); break;
                    case Kinds.Slice:
                        if (i.Start is not null || i.Stop is not null || i.Step is not null)
                            Step(ref view, Aten.slice_Tensor.Call(view, at, i.Start, i.Stop, i.Step ?? 1));
                        at++;
                        slot++;
                        break;
                    case Kinds.None:
                    case Kinds.Null: Step(ref view, Aten.unsqueeze.Call(view, at)); at++; slot++; break;
                    case Kinds.Ellipsis: at += (int)dim() - taken; slot += (int)dim() - taken; break;
                    case Kinds.Bool:
                        Step(ref view, Aten.unsqueeze.Call(view, at));
                        Step(ref view, Aten.slice_Tensor.Call(view, at, 0, i.Start, 1));
                        at++;
                        slot++;
                        break;
                    case Kinds.Tensor:
                        tensors ??= [];
                        while (tensors.Count < slot) tensors.Add(null);
                        tensors.Add(i.Value);
                        var mask = i.Value.dtype is ScalarType.Bool or ScalarType.Byte;
                        at += mask ? (int)i.Value.dim() : 1;
                        slot++;
                        break;
                }
            }
            return (view, tensors?.ToArray());
        }

        private static void Step(ref Tensor view, Tensor next)
        {
            view.Dispose();
            view = next;
        }
    }
}
