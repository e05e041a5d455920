using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        public sealed class LayerNorm : nn.Module<Tensor, Tensor>
        {
            private Parameter _weight, _bias;

            internal LayerNorm(long[] shape, double eps, bool affine, bool hasBias, Device device, ScalarType? dtype) : base("LayerNorm")
            {
                (normalized_shape, this.eps, elementwise_affine) = (shape, eps, affine);
                if (!affine) return;
                weight = new Parameter(ones(shape, dtype, device));
                if (hasBias) bias = new Parameter(zeros(shape, dtype, device));
            }

            public long[] normalized_shape { get; set; }
            public double eps { get; set; }
            public bool elementwise_affine { get; set; }

            public Parameter weight
            {
                get => _weight;
                set
                {
                    _weight = value;
                    ConditionallyRegisterParameter("weight", value);
                }
            }

            public Parameter bias
            {
                get => _bias;
                set
                {
                    _bias = value;
                    ConditionallyRegisterParameter("bias", value);
                }
            }

            public void reset_parameters()
            {
                if (_weight is not null) nn.init.ones_(_weight);
                if (_bias is not null) nn.init.zeros_(_bias);
            }

            private protected override void Replaced(string key, Tensor moved)
            {
                if (key == "weight") _weight = (Parameter)moved;
                else _bias = (Parameter)moved;
            }

            public override Tensor forward(Tensor tensor) => nn.functional.layer_norm(tensor, normalized_shape, _weight, _bias, eps);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.LayerNorm LayerNorm(long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device device = null, ScalarType? dtype = null) =>
                new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

            public static Modules.LayerNorm LayerNorm(long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device device = null, ScalarType? dtype = null) =>
                new([normalized_shape], eps, elementwise_affine, bias, device, dtype);
        }
    }
}
