using System;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        public sealed class Embedding : nn.Module<Tensor, Tensor>
        {
            private readonly long _padding;
            private Parameter _weight;

            internal Embedding(long count, long dims, long? padding, Device device, ScalarType? dtype) : base(nameof(Embedding))
            {
                _padding = padding ?? -1;
                weight = new Parameter(empty(count, dims, dtype, device));
                nn.init.normal_(_weight);
                if (padding is not { } p) return;
                using var guard = no_grad();
                using var row = _weight[p];
                row.zero_();
            }

            public Parameter weight
            {
                get => _weight;
                set
                {
                    _weight = value;
                    ConditionallyRegisterParameter("weight", value);
                }
            }

            private protected override void Replaced(string key, Tensor moved) => _weight = (Parameter)moved;

            public override Tensor forward(Tensor input) => Aten.embedding.Call(_weight, input, _padding);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2, bool scale_grad_by_freq = false, bool sparse = false, Device device = null, ScalarType? dtype = null)
            {
                if (max_norm is not null || scale_grad_by_freq || sparse) throw new NotSupportedException("max_norm, scale_grad_by_freq and sparse of an embedding are not supported offline.");
                return new(num_embeddings, embedding_dims, padding_idx, device, dtype);
            }
        }
    }
}
