using System;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Fillings in place, outside of autograd.</summary>
        public static partial class init
        {
            public enum FanInOut { FanIn = 0, FanOut = 1 }

            public enum NonlinearityType
            {
                Linear = 0, Conv1D = 1, Conv2D = 2, Conv3D = 3, ConvTranspose1D = 4, ConvTranspose2D = 5, ConvTranspose3D = 6,
                Sigmoid = 7, Tanh = 8, ReLU = 9, LeakyReLU = 10,
            }

            public static Tensor ones_(Tensor tensor) => Quiet(tensor, () => tensor.fill_(1));
            public static Tensor zeros_(Tensor tensor) => Quiet(tensor, () => tensor.zero_());
            public static Tensor constant_(Tensor tensor, Scalar val) => Quiet(tensor, () => tensor.fill_(val));

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator generator = null) =>
                Quiet(tensor, () => tensor.uniform_(low, high, generator));

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator generator = null) =>
                Quiet(tensor, () => tensor.normal_(mean, std, generator));

            /// <summary>A normal distribution cut off at a and b: uniform values through the inverse of its cumulative function.</summary>
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0, double std = 1, double a = -2, double b = 2, Generator generator = null) =>
                Quiet(tensor, () =>
                {
                    var (low, high) = (Cumulative((a - mean) / std), Cumulative((b - mean) / std));
                    tensor.uniform_(2 * low - 1, 2 * high - 1, generator);
                    tensor.erfinv_().mul_(std * Math.Sqrt(2)).add_(mean);
                    tensor.clamp_(a, b);
                });

            // Abramowitz and Stegun 7.1.26 is too coarse for the tails; the tensor library's own erf is exact enough.
            private static double Cumulative(double x)
            {
                using var t = tensor(x / Math.Sqrt(2));
                using var e = t.erf();
                return (1 + e.item<double>()) / 2;
            }

            public static (long, long) CalculateFanInAndFanOut(Tensor tensor)
            {
                var shape = tensor.shape;
                if (shape.Length < 2) throw new ArgumentException($"Fan in and fan out need at least 2 dimensions; the tensor has {shape.Length}.", nameof(tensor));
                long field = 1;
                for (var i = 2; i < shape.Length; i++) field *= shape[i];
                return (shape[1] * field, shape[0] * field);
            }

            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0) => nonlinearity switch
            {
                NonlinearityType.Tanh => 5.0 / 3,
                NonlinearityType.ReLU => Math.Sqrt(2),
                NonlinearityType.LeakyReLU => Math.Sqrt(2 / (1 + param * param)),
                _ => 1,
            };

            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                var bound = Math.Sqrt(3) * KaimingStd(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) =>
                normal_(tensor, 0, KaimingStd(tensor, a, mode, nonlinearity));

            private static double KaimingStd(Tensor tensor, double a, FanInOut mode, NonlinearityType nonlinearity)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }

            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1)
            {
                var bound = Math.Sqrt(3) * XavierStd(tensor, gain);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor xavier_normal_(Tensor tensor, double gain = 1) => normal_(tensor, 0, XavierStd(tensor, gain));

            private static double XavierStd(Tensor tensor, double gain)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return gain * Math.Sqrt(2.0 / (fanIn + fanOut));
            }

            private static Tensor Quiet(Tensor tensor, Action fill)
            {
                using var guard = no_grad();
                fill();
                return tensor;
            }
        }
    }
}
