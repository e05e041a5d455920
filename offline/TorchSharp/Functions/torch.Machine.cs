using System;

namespace TorchSharp;

public static partial class torch
{
    public static int get_num_threads() => NativeMethods.to_num_threads();
    public static void set_num_threads(int num) => NativeMethods.Check(NativeMethods.to_set_num_threads(num));
    public static int get_num_interop_threads() => NativeMethods.to_num_interop_threads();
    public static void set_num_interop_threads(int num) => NativeMethods.Check(NativeMethods.to_set_num_interop_threads(num));

    public static bool cuda_is_available() => cuda.is_available();

    public static Device InitializeDevice(Device device) => device ?? CPU;
    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType)) throw new InvalidOperationException($"Torch device type {deviceType} did not initialise on the current machine.");
    }

    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType == DeviceType.CPU || deviceType == DeviceType.CUDA && cuda.is_available();

    public static class cuda
    {
        public static bool is_available() => device_count() > 0;
        public static bool is_cudnn_available() => NativeMethods.to_cudnn() != 0;
        public static int device_count() => NativeMethods.to_cuda_count();
        public static void manual_seed(long seed) => manual_seed_all(seed);
        public static void manual_seed_all(long seed) => NativeMethods.Check(NativeMethods.to_cuda_manual_seed(seed));
        public static void synchronize(Device device = null) => NativeMethods.Check(NativeMethods.to_cuda_synchronize(device?.index ?? -1));
    }

    public static FInfo finfo() => finfo(default_dtype);

    public static FInfo finfo(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => new(32, 1.1920928955078125e-07, float.MaxValue, 1e-06, 1.1754943508222875e-38),
        ScalarType.Float64 => new(64, 2.220446049250313e-16, double.MaxValue, 1e-15, 2.2250738585072014e-308),
        ScalarType.Float16 => new(16, 0.0009765625, 65504, 0.001, 6.103515625e-05),
        ScalarType.BFloat16 => new(16, 0.0078125, 3.3895313892515355e+38, 0.01, 1.1754943508222875e-38),
        _ => throw new ArgumentException($"{dtype} is no floating-point type.", nameof(dtype)),
    };

    public struct FInfo
    {
        public int bits;
        public double eps, max, min, resolution, smallest_normal, tiny;

        internal FInfo(int bits, double eps, double max, double resolution, double normal) =>
            (this.bits, this.eps, this.max, min, this.resolution, smallest_normal, tiny) = (bits, eps, max, -max, resolution, normal, normal);
    }
}
