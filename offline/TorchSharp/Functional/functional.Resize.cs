using System;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor interpolate(Tensor x, long[] size = null, double[] scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                if ((size is null) == (scale_factor is null)) throw new ArgumentException("Give either size or scale_factor.");
                var spatial = (int)x.dim() - 2;
                if (size is { Length: 1 } && spatial > 1) size = Repeated(size[0], spatial);
                if (scale_factor is { Length: 1 } && spatial > 1) scale_factor = Repeated(scale_factor[0], spatial);
                if (antialias && !(mode is InterpolationMode.Bilinear or InterpolationMode.Bicubic && spatial == 2))
                    throw new ArgumentException("Antialiasing is there for bilinear and bicubic interpolation of images only.", nameof(antialias));
                if (recompute_scale_factor && scale_factor is not null)
                {
                    size = new long[spatial];
                    for (var i = 0; i < spatial; i++) size[i] = (long)Math.Floor(x.size(i + 2) * scale_factor[i]);
                    scale_factor = null;
                }
                var corners = align_corners ?? false;
                switch (mode, spatial)
                {
                    case (InterpolationMode.Nearest, 1): return Aten.upsample_nearest1d_vec.Call(x, size, scale_factor);
                    case (InterpolationMode.Nearest, 2): return Aten.upsample_nearest2d_vec.Call(x, size, scale_factor);
                    case (InterpolationMode.Nearest, 3): return Aten.upsample_nearest3d_vec.Call(x, size, scale_factor);
                    case (InterpolationMode.NearestExact, 2): return Aten._upsample_nearest_exact2d_vec.Call(x, size, scale_factor);
                    case (InterpolationMode.Linear, 1): return Aten.upsample_linear1d_vec.Call(x, size, corners, scale_factor);
                    case (InterpolationMode.Trilinear, 3): return Aten.upsample_trilinear3d_vec.Call(x, size, corners, scale_factor);
                    case (InterpolationMode.Area, 2) when size is not null: return Aten.adaptive_avg_pool2d.Call(x, size);
                    case (InterpolationMode.Bilinear, 2):
                        return (antialias ? Aten._upsample_bilinear2d_aa_vec : Aten.upsample_bilinear2d_vec).Call(x, size, corners, scale_factor);
                    case (InterpolationMode.Bicubic, 2):
                        return (antialias ? Aten._upsample_bicubic2d_aa_vec : Aten.upsample_bicubic2d_vec).Call(x, size, corners, scale_factor);
                    default: throw new ArgumentException($"Interpolation {mode} is not there for an input of {x.dim()} dimensions.", nameof(mode));
                }
            }

            private static T[] Repeated<T>(T value, int n)
            {
                var list = new T[n];
                Array.Fill(list, value);
                return list;
            }

            public static Tensor grid_sample(Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear, GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null) =>
                Aten.grid_sampler.Call(input, grid, mode == GridSampleMode.Nearest ? 1 : 0,
                    padding_mode switch { GridSamplePaddingMode.Border => 1, GridSamplePaddingMode.Reflection => 2, _ => 0 }, align_corners ?? false);

            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                Aten.pad.Call(input, pad, Named(mode), mode is PaddingModes.Constant or PaddingModes.Zeros ? value : Arg.None);

            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, pad.ToArray(), mode, value);

            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, new[] { pad.Item1, pad.Item2 }, mode, value);

            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, new[] { pad.Item1, pad.Item2, pad.Item3, pad.Item4 }, mode, value);

            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, new[] { pad, pad, pad, pad }, mode, value);

            private static string Named(PaddingModes mode) => mode switch
            {
                PaddingModes.Reflect => "reflect",
                PaddingModes.Replicate => "replicate",
                PaddingModes.Circular => "circular",
                _ => "constant",
            };
        }
    }
}
