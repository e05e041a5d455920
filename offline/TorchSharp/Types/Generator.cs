using System;
using System.Threading;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A stream of random numbers of its own, apart from the global one.</summary>
    public class Generator : IDisposable
    {
        private IntPtr _handle;

        public unsafe Generator(ulong seed = 0, Device device = null)
        {
            device ??= CPU;
            IntPtr h;
            NativeMethods.Check(NativeMethods.to_generator_new((int)device.type, device.index, seed, &h));
            _handle = h;
            this.device = device;
        }

        private Generator(IntPtr handle, Device device) => (_handle, this.device) = (handle, device);

        ~Generator() => Dispose(false);

        public static unsafe Generator Default
        {
            get
            {
                IntPtr h;
                NativeMethods.Check(NativeMethods.to_generator_default((int)DeviceType.CPU, -1, &h));
                return new Generator(h, CPU);
            }
        }

        public Device device { get; }

        public IntPtr Handle => _handle != IntPtr.Zero ? _handle : throw new ObjectDisposedException(nameof(Generator));

        public unsafe Generator manual_seed(long seed)
        {
            var s = unchecked((ulong)seed);
            NativeMethods.Check(NativeMethods.to_generator_seed(Handle, 1, &s));
            GC.KeepAlive(this);
            return this;
        }

        public unsafe long seed()
        {
            ulong s;
            NativeMethods.Check(NativeMethods.to_generator_seed(Handle, 2, &s));
            GC.KeepAlive(this);
            return unchecked((long)s);
        }

        public unsafe long initial_seed()
        {
            ulong s;
            NativeMethods.Check(NativeMethods.to_generator_seed(Handle, 0, &s));
            GC.KeepAlive(this);
            return unchecked((long)s);
        }

        public unsafe Tensor get_state()
        {
            IntPtr t;
            NativeMethods.Check(NativeMethods.to_generator_get_state(Handle, &t));
            GC.KeepAlive(this);
            return Tensor.Wrap(t);
        }

        public void set_state(Tensor value)
        {
            NativeMethods.Check(NativeMethods.to_generator_set_state(Handle, value.Handle));
            GC.KeepAlive(value);
            GC.KeepAlive(this);
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var h = Interlocked.Exchange(ref _handle, IntPtr.Zero);
            if (h != IntPtr.Zero) NativeMethods.to_generator_release(h);
        }
    }

    public static class random
    {
        public static Generator manual_seed(long seed)
        {
            NativeMethods.Check(NativeMethods.to_manual_seed(seed));
            return Generator.Default;
        }

        public static long initial_seed()
        {
            using var g = Generator.Default;
            return g.initial_seed();
        }

        public static long seed()
        {
            using var g = Generator.Default;
            return g.seed();
        }

        public static Tensor get_rng_state()
        {
            using var g = Generator.Default;
            return g.get_state();
        }

        public static void set_rng_state(Tensor new_state)
        {
            using var g = Generator.Default;
            g.set_state(new_state);
        }
    }

    public static Generator manual_seed(long seed) => random.manual_seed(seed);
    public static long initial_seed() => random.initial_seed();
    public static long seed() => random.seed();
    public static Tensor get_rng_state() => random.get_rng_state();
    public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);
}
