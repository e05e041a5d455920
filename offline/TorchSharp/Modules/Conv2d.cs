using System;
using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        public abstract class Convolution : nn.Module<Tensor, Tensor>
        {
            protected Parameter _weight, _bias;

            private protected Convolution(string name, long inChannels, long outChannels, long[] kernel, long[] stride, long[] padding, Padding? paddingType,
                long[] dilation, long groups, bool bias, PaddingModes mode, Device device, ScalarType? dtype) : base(name)
            {
                if (mode != PaddingModes.Zeros) throw new NotSupportedException($"Padding mode {mode} of a convolution is not supported offline: only zeros are.");
                (in_channels, out_channels, kernel_size, this.stride, this.dilation, this.groups) = (inChannels, outChannels, kernel, stride, dilation, groups);
                (this.padding, padding_type, padding_mode) = (padding, paddingType, mode);
                weight = new Parameter(empty([outChannels, inChannels / groups, .. kernel], dtype, device));
                if (bias) this.bias = new Parameter(empty(outChannels, dtype, device));
                reset_parameters();
            }

            public long in_channels { get; }
            public long out_channels { get; }
            public long[] kernel_size { get; set; }
            public long[] stride { get; set; }
            public long[] dilation { get; set; }
            public long groups { get; set; }
            public long[] padding { get; }
            public Padding? padding_type { get; }
            public PaddingModes padding_mode { get; set; }

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
                nn.init.kaiming_uniform_(_weight, Math.Sqrt(5));
                if (_bias is null) return;
                var (fanIn, _) = nn.init.CalculateFanInAndFanOut(_weight);
                var bound = 1 / Math.Sqrt(fanIn);
                nn.init.uniform_(_bias, -bound, bound);
            }

            private protected override void Replaced(string key, Tensor moved)
            {
                if (key == "weight") _weight = (Parameter)moved;
                else _bias = (Parameter)moved;
            }
        }

        public sealed class Conv2d : Convolution
        {
            internal Conv2d(long inChannels, long outChannels, long[] kernel, long[] stride, long[] padding, Padding? paddingType, long[] dilation,
                PaddingModes mode, long groups, bool bias, Device device, ScalarType? dtype)
                : base("Conv2d", inChannels, outChannels, kernel, stride, padding, paddingType, dilation, groups, bias, mode, device, dtype) { }

            public override Tensor forward(Tensor input) => padding_type is { } type
                ? Aten.conv2d_padding.Call(input, _weight, _bias, stride, type == Padding.Same ? "same" : "valid", dilation, groups)
                : nn.functional.conv2d(input, _weight, _bias, stride, padding, dilation, groups);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Pair(kernel_size), Pair(stride), Pair(padding), null, Pair(dilation), padding_mode, groups, bias, device, dtype);

            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Pair(kernel_size), Pair(stride ?? (1, 1)), Pair(padding ?? (0, 0)), null, Pair(dilation ?? (1, 1)), padding_mode, groups, bias, device, dtype);

            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Pair(kernel_size), Pair(stride), null, padding, Pair(dilation), padding_mode, groups, bias, device, dtype);

            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, Padding padding, (long, long)? stride = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Pair(kernel_size), Pair(stride ?? (1, 1)), null, padding, Pair(dilation ?? (1, 1)), padding_mode, groups, bias, device, dtype);

            private static long[] Pair(long n) => [n, n];
            private static long[] Pair((long, long) p) => [p.Item1, p.Item2];
        }
    }
}
