using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        public long Dimensions => dim();
        public long ndim => dim();
        public long NumberOfElements => numel();
        public long ElementSize => element_size();

        public long dim()
        {
            var n = NativeMethods.to_ndim(Handle);
            GC.KeepAlive(this);
            return n;
        }

        public long numel()
        {
            var n = NativeMethods.to_numel(Handle);
            GC.KeepAlive(this);
            return n;
        }

        public long element_size()
        {
            var n = NativeMethods.to_element_size(Handle);
            GC.KeepAlive(this);
            return n;
        }

        public long[] shape
        {
            get
            {
                var sizes = new long[dim()];
                fixed (long* p = sizes) NativeMethods.to_sizes(Handle, p);
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public long[] size() => shape;

        public long size(int dim)
        {
            var n = (int)this.dim();
            var at = dim < 0 ? dim + n : dim;
            if ((uint)at >= (uint)n) throw new ArgumentOutOfRangeException(nameof(dim), dim, $"The tensor has {n} dimensions.");
            var sizes = stackalloc long[n];
            NativeMethods.to_sizes(Handle, sizes);
            GC.KeepAlive(this);
            return sizes[at];
        }

        public long[] stride()
        {
            var strides = new long[dim()];
            fixed (long* p = strides) NativeMethods.Check(NativeMethods.to_strides(Handle, p));
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim) => stride()[dim < 0 ? dim + (int)this.dim() : dim];

        public long storage_offset()
        {
            var n = NativeMethods.to_storage_offset(Handle);
            GC.KeepAlive(this);
            return n;
        }

        public ScalarType dtype
        {
            get
            {
                var n = NativeMethods.to_dtype(Handle);
                GC.KeepAlive(this);
                return (ScalarType)n;
            }
        }

        private int PackedDevice
        {
            get
            {
                var n = NativeMethods.to_device(Handle);
                GC.KeepAlive(this);
                return n;
            }
        }

        public DeviceType device_type => (DeviceType)(PackedDevice >> 16);
        public int device_index => (PackedDevice & 0xFFFF) - 1;
        public Device device => PackedDevice == 0 ? CPU : new Device(device_type, device_index);
        public bool is_cuda => device_type == DeviceType.CUDA;
        public bool is_meta => device_type == DeviceType.META;
        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_contiguous() => Flag(NativeMethods.to_is_contiguous(Handle, 0));
        public bool is_sparse => Flag(NativeMethods.to_is_sparse(Handle));
        public bool is_leaf => Flag(NativeMethods.to_is_leaf(Handle));
        public bool is_floating_point() => torch.is_floating_point(dtype);
        public bool is_integral() => torch.is_integral(dtype);
        public bool is_complex() => torch.is_complex(dtype);
        public bool is_nonzero() => Aten.is_nonzero.CallBool(this);

        private bool Flag(int value)
        {
            GC.KeepAlive(this);
            return value != 0;
        }

        public bool requires_grad
        {
            get => Flag(NativeMethods.to_requires_grad(Handle));
            set
            {
                NativeMethods.Check(NativeMethods.to_set_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void retain_grad()
        {
            NativeMethods.Check(NativeMethods.to_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        /// <summary>The gradient, a new managed object at each reading; <see langword="null"/> when there is none.</summary>
        public Tensor grad
        {
            get
            {
                IntPtr g;
                NativeMethods.Check(NativeMethods.to_grad(Handle, &g));
                GC.KeepAlive(this);
                return Wrap(g);
            }
            set
            {
                NativeMethods.Check(NativeMethods.to_set_grad(Handle, value?.Handle ?? IntPtr.Zero));
                GC.KeepAlive(value);
                GC.KeepAlive(this);
            }
        }

        public void backward() => autograd.backward(this);

        public void backward(IList<Tensor> grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor> inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);

        public override string ToString() => IsInvalid ? "[invalid]" : this.ToText(_maxPrinted);

        private const int _maxPrinted = 100;

        public override bool Equals(object obj) => obj is Tensor t && (ReferenceEquals(this, t) || ContentEquals(t));
        public bool Equals(Tensor target) => Equals((object)target);
        public override int GetHashCode() => _handle.GetHashCode();

        private bool ContentEquals(Tensor other) => shape.SequenceEqual(other.shape) && Aten.equal.CallBool(this, other);
    }

    public static bool is_floating_point(ScalarType type) => type is ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16;

    public static bool is_integral(ScalarType type) =>
        type is ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64 or ScalarType.Bool;

    public static bool is_complex(ScalarType type) => type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;

    public static bool is_floating_point(Tensor input) => input.is_floating_point();
    public static long numel(Tensor input) => input.numel();
}
