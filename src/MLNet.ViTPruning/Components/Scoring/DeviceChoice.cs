using Microsoft.ML.Runtime;
using MLNet.ViTPruning.ModelFiles;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Components;

/// <summary>Where a component computes: what its options say, else what its MLContext says, else the CPU.</summary>
internal static class DeviceChoice
{
    /// <exception cref="InvalidOperationException">The GPU cannot be used and falling back to the CPU is not allowed.</exception>
    public static Device Choose(IHostEnvironment environment, IChannel channel, int? gpuDeviceId = null, bool? fallbackToCpu = null)
    {
        var settings = MLNetInternals.SettingsOf(environment);
        if ((gpuDeviceId ?? settings.GpuDeviceId) is not { } id) return CPU;
        int devices = cuda.is_available() ? cuda.device_count() : 0;
        if (id < devices) return device(DeviceType.CUDA, id);
        var reason = $"GPU {id} cannot be used: {(devices == 0 ? "no CUDA device is available" : $"there are {devices} CUDA devices, numbered from 0")}.";
        if (!(fallbackToCpu ?? settings.FallbackToCpu)) throw new InvalidOperationException(reason + " Set FallbackToCpu, or leave GpuDeviceId null for the CPU.");
        channel.Warning(MessageSensitivity.None, reason + " Using the CPU.");
        return CPU;
    }
}
