using System;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        public abstract class NormBase : nn.Module<Tensor, Tensor>
        {
            private Parameter _weight, _bias;
            private Tensor _mean, _var, _batches;

            private protected NormBase(long features, double eps, double? momentum, bool affine, bool track, Device device, ScalarType? dtype, string name) : base(name)
            {
                (num_features, this.eps, this.momentum, this.affine, track_running_stats) = (features, eps, momentum, affine, track);
                if (affine)
                {
                    weight = new Parameter(ones(features, dtype, device));
                    bias = new Parameter(zeros(features, dtype, device));
                }
                if (!track) return;
                running_mean = zeros(features, dtype, device);
                running_var = ones(features, dtype, device);
                num_batches_tracked = zeros([], ScalarType.Int64, device);
            }

            public long num_features { get; }
            public double eps { get; set; }
            public double? momentum { get; set; }
            public bool affine { get; }
            public bool track_running_stats { get; }

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

            public Tensor running_mean
            {
                get => _mean;
                set
                {
                    _mean = value;
                    ConditionallyRegisterBuffer("running_mean", value);
                }
            }

            public Tensor running_var
            {
                get => _var;
                set
                {
                    _var = value;
                    ConditionallyRegisterBuffer("running_var", value);
                }
            }

            public Tensor num_batches_tracked
            {
                get => _batches;
                set
                {
                    _batches = value;
                    ConditionallyRegisterBuffer("num_batches_tracked", value);
                }
            }

            protected abstract void ValidateInputDimensions(Tensor input);

            private protected override void Replaced(string key, Tensor moved)
            {
                switch (key)
                {
                    case "weight": _weight = (Parameter)moved; break;
                    case "bias": _bias = (Parameter)moved; break;
                    case "running_mean": _mean = moved; break;
                    case "running_var": _var = moved; break;
                    case "num_batches_tracked": _batches = moved; break;
                }
            }
        }

        public abstract class BatchNorm : NormBase
        {
            private protected BatchNorm(long features, double eps, double momentum, bool affine, bool track, Device device, ScalarType? dtype, string name)
                : base(features, eps, momentum, affine, track, device, dtype, name) { }

            public override Tensor forward(Tensor input)
            {
                ValidateInputDimensions(input);
                var batch = training || running_mean is null;
                if (training && num_batches_tracked is not null) num_batches_tracked.add_(1);
                return Aten.batch_norm.Call(input, weight, bias, running_mean, running_var, batch, momentum ?? 0.1, eps, true);
            }
        }

        public sealed class BatchNorm2d : BatchNorm
        {
            internal BatchNorm2d(long features, double eps, double momentum, bool affine, bool track, Device device, ScalarType? dtype)
                : base(features, eps, momentum, affine, track, device, dtype, nameof(BatchNorm2d)) { }

            protected override void ValidateInputDimensions(Tensor input)
            {
                if (input.dim() != 4) throw new ArgumentException($"expected 4D input, but got {input.dim()}D input.");
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.BatchNorm2d BatchNorm2d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);
        }
    }
}
