using System;
using System.Globalization;

namespace TorchSharp;

public static partial class torch
{
    public static readonly Device CPU = new(DeviceType.CPU, -1);
    public static readonly Device META = new(DeviceType.META, -1);
    public static Device CUDA => new(DeviceType.CUDA, -1);

    public static Device device(string description) => new(description);
    public static Device device(string deviceType, int index = -1) => new(deviceType, index);
    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);
    public static Device device(int index) => new(index);

    public class Device
    {
        public DeviceType type { get; }
        public int index { get; }

        public Device(string description)
        {
            ArgumentNullException.ThrowIfNull(description);
            var parts = description.Split(':');
            if (parts.Length > 2) throw new ArgumentException($"'{description}' is no device; expected 'type' or 'type:index'.", nameof(description));
            type = Parse(parts[0]);
            index = parts.Length == 1 ? Unspecified(type)
                : int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var i) ? i
                : throw new ArgumentException($"'{description}' is no device; expected 'type' or 'type:index'.", nameof(description));
        }

        public Device(string deviceType, int index = -1) : this(Parse(deviceType), index) { }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index == -1 ? Unspecified(deviceType) : index;
        }

        public Device(int index) : this(DeviceType.CUDA, index) { }

        public static implicit operator Device(string description) => new(description);

        public override string ToString() => index < 0 || type == DeviceType.CPU ? Name : $"{Name}:{index}";
        public override bool Equals(object obj) => obj is Device d && d.type == type && d.index == index;
        public override int GetHashCode() => HashCode.Combine(type, index);

        private string Name => type.ToString().ToLowerInvariant();

        // An accelerator without an index is its first one; the CPU has none.
        private static int Unspecified(DeviceType t) => t == DeviceType.CUDA ? 0 : -1;

        private static DeviceType Parse(string name) => name.ToLowerInvariant() switch
        {
            "cpu" => DeviceType.CPU,
            "cuda" => DeviceType.CUDA,
            "mps" => DeviceType.MPS,
            "meta" => DeviceType.META,
            _ => throw new ArgumentException($"'{name}' is no device type; expected cpu, cuda, mps or meta."),
        };
    }
}
