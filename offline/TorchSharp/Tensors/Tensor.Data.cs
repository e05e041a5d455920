using System;
using System.IO;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            if (Element<T>.Type != dtype) throw new ArgumentException($"The tensor holds {dtype}; {typeof(T).Name} is {Element<T>.Type}.");
            return new TensorAccessor<T>(this);
        }

        public T item<T>() where T : unmanaged
        {
            if (numel() != 1) throw new ArgumentException($"item() needs a tensor of one element; this one has {numel()}.");
            if (Element<T>.Type != dtype) throw new ArgumentException($"The tensor holds {dtype}; {typeof(T).Name} is {Element<T>.Type}.");
            if (device_type == DeviceType.CPU)
            {
                var value = *(T*)DataPointer;
                GC.KeepAlive(this);
                return value;
            }
            using var here = cpu();
            return here.item<T>();
        }

        internal void* DataPointer
        {
            get
            {
                void* p;
                NativeMethods.Check(NativeMethods.to_data(Handle, &p));
                return p;
            }
        }

        /// <summary>The elements' memory; the tensor must be contiguous, on the CPU, and outlive the span.</summary>
        public Span<byte> bytes
        {
            get
            {
                NeedBytes();
                return new Span<byte>(DataPointer, checked((int)(numel() * element_size())));
            }
            set
            {
                NeedBytes();
                var size = numel() * element_size();
                if (value.Length != size) throw new ArgumentException($"{value.Length} bytes for a tensor of {size}.");
                value.CopyTo(new Span<byte>(DataPointer, value.Length));
                GC.KeepAlive(this);
            }
        }

        private void NeedBytes()
        {
            if (device_type != DeviceType.CPU) throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            // The exception is TorchSharp's: whoever handles it there must find it here.
            if (!is_contiguous()) throw new NotImplementedException("The bytes of a tensor that is not contiguous are not supported.");
        }

        public void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            using var flat = CpuContiguous();
            var left = flat.numel() * flat.element_size();
            var p = (byte*)flat.DataPointer;
            while (left > 0)
            {
                var n = (int)Math.Min(left, 1 << 20);
                stream.Write(new ReadOnlySpan<byte>(p, n));
                p += n;
                left -= n;
            }
        }

        public void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            if (device_type != DeviceType.CPU || !is_contiguous())
            {
                using var copy = Aten.empty_memory_format.Call(shape, dtype);
                copy.ReadBytesFromStream(stream, bufferSize);
                using var guard = no_grad();
                copy_(copy);
                return;
            }
            var left = numel() * element_size();
            var p = (byte*)DataPointer;
            while (left > 0)
            {
                var n = (int)Math.Min(left, 1 << 20);
                stream.ReadExactly(new Span<byte>(p, n));
                p += n;
                left -= n;
            }
            GC.KeepAlive(this);
        }

        private Tensor CpuContiguous()
        {
            using var here = detach();
            using var moved = here.cpu();
            return moved.contiguous();
        }

        /// <summary>The one element as a number of another type, as the explicit conversions ask.</summary>
        internal T ToNumber<T>() where T : unmanaged
        {
            if (numel() != 1) throw new ArgumentException($"A number needs a tensor of one element; this one has {numel()}.");
            using var detached = detach();
            using var converted = Aten.to_dtype.Call(detached, Element<T>.Type);
            return converted.item<T>();
        }

        public Scalar ToScalar() =>
            dtype == ScalarType.Bool ? ToNumber<bool>() : is_integral() ? ToNumber<long>() : (Scalar)ToNumber<double>();

        public void save(string location) => TensorExtensionMethods.Save(this, location);
        public static Tensor load(string location) => torch.load(location);
    }

    public static void save(Tensor t, string location) => t.save(location);

    public static Tensor load(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        return TensorExtensionMethods.Load(reader);
    }
}
