using System;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        public sealed class Linear : nn.Module<Tensor, Tensor>
        {
            private Parameter _weight, _bias;

            internal Linear(Parameter weight, Parameter bias) : base("Linear")
            {
                (in_features, out_features) = (weight.size(1), weight.size(0));
                (this.weight, this.bias) = (weight, bias);
            }

            internal Linear(long inputSize, long outputSize, bool hasBias, Device device, ScalarType? dtype) : base("Linear")
            {
                (in_features, out_features) = (inputSize, outputSize);
                weight = new Parameter(empty(outputSize, inputSize, dtype, device));
                nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
                if (!hasBias) return;
                var bound = 1 / Math.Sqrt(inputSize);
                bias = new Parameter(empty(outputSize, dtype, device));
                nn.init.uniform_(bias, -bound, bound);
            }

            public long in_features { get; set; }
            public long out_features { get; set; }

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

            private protected override void Replaced(string key, Tensor moved)
            {
                if (key == "weight") _weight = (Parameter)moved;
                else _bias = (Parameter)moved;
            }

            public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, _weight, _bias);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device device = null, ScalarType? dtype = null) =>
                new(inputSize, outputSize, hasBias, device, dtype);

            public static Modules.Linear Linear(Modules.Parameter weight, Modules.Parameter bias = null) => new(weight, bias);
        }
    }
}
