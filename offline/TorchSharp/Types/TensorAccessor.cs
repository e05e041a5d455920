using System;
using System.Collections;
using System.Collections.Generic;
using System.Threading;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>A tensor's elements in row-major order, read and written in place. The tensor must be on the CPU.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private IntPtr _handle; // a native reference of its own: the memory lives as long as the accessor
    private readonly long[] _shape, _strides;
    private readonly bool _contiguous;
    private readonly T* _data;

    internal TensorAccessor(Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
            throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        (_shape, _strides) = (tensor.shape, tensor.stride());
        _contiguous = tensor.is_contiguous();
        void* p;
        NativeMethods.Check(NativeMethods.to_data(tensor.Handle, &p));
        _data = (T*)p;
        Count = tensor.numel();
        _handle = NativeMethods.to_retain(tensor.Handle);
        GC.KeepAlive(tensor);
    }

    public long Count { get; }
    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get
        {
            var value = *At(indices);
            GC.KeepAlive(this);
            return value;
        }
        set
        {
            *At(indices) = value;
            GC.KeepAlive(this);
        }
    }

    private T* At(long[] indices)
    {
        if (indices.Length == 1 && _shape.Length != 1)
        {
            if ((ulong)indices[0] >= (ulong)Count) throw new IndexOutOfRangeException();
            return _data + Offset(indices[0]);
        }
        if (indices.Length != _shape.Length) throw new ArgumentException($"{indices.Length} indices for {_shape.Length} dimensions.");
        long offset = 0;
        for (var i = 0; i < indices.Length; i++)
        {
            if ((ulong)indices[i] >= (ulong)_shape[i]) throw new IndexOutOfRangeException();
            offset += indices[i] * _strides[i];
        }
        return _data + offset;
    }

    private long Offset(long linear)
    {
        if (_contiguous) return linear;
        long offset = 0;
        for (var i = _shape.Length - 1; i >= 0; i--)
        {
            offset += linear % _shape[i] * _strides[i];
            linear /= _shape[i];
        }
        return offset;
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array.AsSpan());
        return array;
    }

    public Array ToNDArray()
    {
        if (_shape.Length == 0) return ToArray();
        var array = Array.CreateInstance(typeof(T), _shape);
        var index = new long[_shape.Length];
        for (long i = 0; i < Count; i++)
        {
            array.SetValue(_data[Offset(i)], index);
            for (var d = index.Length - 1; d >= 0 && ++index[d] == _shape[d]; d--) index[d] = 0;
        }
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var n = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        if (_contiguous) new ReadOnlySpan<T>(_data + tensorIndex, n).CopyTo(array[arrayIndex..]);
        else for (var i = 0; i < n; i++) array[arrayIndex + i] = _data[Offset(tensorIndex + i)];
        GC.KeepAlive(this);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var n = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        if (_contiguous) array.Slice(arrayIndex, n).CopyTo(new Span<T>(_data + tensorIndex, n));
        else for (var i = 0; i < n; i++) _data[Offset(tensorIndex + i)] = array[arrayIndex + i];
        GC.KeepAlive(this);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < Count; i++) yield return Read(i);
    }

    private T Read(long linear) => _data[Offset(linear)];

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    ~TensorAccessor() => Release();

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        var handle = Interlocked.Exchange(ref _handle, IntPtr.Zero);
        if (handle != IntPtr.Zero) NativeMethods.to_release(handle);
    }
}
