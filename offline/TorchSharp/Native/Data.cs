using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Which element type of libtorch a managed one is.</summary>
internal static class Element<T>
{
    internal static readonly ScalarType Type = Find();

    private static ScalarType Find()
    {
        if (typeof(T) == typeof(float)) return ScalarType.Float32;
        if (typeof(T) == typeof(double)) return ScalarType.Float64;
        if (typeof(T) == typeof(long)) return ScalarType.Int64;
        if (typeof(T) == typeof(int)) return ScalarType.Int32;
        if (typeof(T) == typeof(short)) return ScalarType.Int16;
        if (typeof(T) == typeof(sbyte)) return ScalarType.Int8;
        if (typeof(T) == typeof(byte)) return ScalarType.Byte;
        if (typeof(T) == typeof(bool)) return ScalarType.Bool;
        if (typeof(T) == typeof(Half)) return ScalarType.Float16;
        if (typeof(T) == typeof(BFloat16)) return ScalarType.BFloat16;
        return (ScalarType)(-1);
    }
}

/// <summary>Tensors from managed memory; the data is always copied.</summary>
internal static unsafe class Data
{
    internal static Tensor Of<T>(ReadOnlySpan<T> data, ReadOnlySpan<long> shape, ScalarType? dtype, Device device, bool requiresGrad) where T : unmanaged
    {
        long count = 1;
        foreach (var d in shape) count = checked(count * d);
        if (count != data.Length)
            throw new ArgumentException($"{data.Length} values do not fill a tensor of shape [{string.Join(", ", shape.ToArray())}].");
        IntPtr handle;
        fixed (T* p = data) fixed (long* s = shape)
        {
            long none = 0;
            NativeMethods.Check(NativeMethods.to_from_data(p, (int)Element<T>.Type, s == null ? &none : s, shape.Length, &handle));
        }
        return Tensor.Wrap(handle).Placed(dtype, device).WithGrad(requiresGrad);
    }

    internal static ReadOnlySpan<T> Span<T>(IList<T> list) => list switch
    {
        T[] array => array,
        List<T> l => CollectionsMarshal.AsSpan(l),
        _ => Copy(list),
    };

    private static T[] Copy<T>(IList<T> list)
    {
        var copy = new T[list.Count];
        list.CopyTo(copy, 0);
        return copy;
    }

    internal static Tensor OfArray<T>(Array array, ScalarType? dtype, Device device, bool requiresGrad) where T : unmanaged
    {
        var shape = new long[array.Rank];
        for (var i = 0; i < shape.Length; i++) shape[i] = array.GetLongLength(i);
        var data = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);
        return Of(data, shape, dtype, device, requiresGrad);
    }

    internal static Tensor OfAnyArray(Array array, ScalarType? dtype, Device device, bool requiresGrad)
    {
        var type = array.GetType().GetElementType();
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Single => OfArray<float>(array, dtype, device, requiresGrad),
            TypeCode.Double => OfArray<double>(array, dtype, device, requiresGrad),
            TypeCode.Int64 => OfArray<long>(array, dtype, device, requiresGrad),
            TypeCode.Int32 => OfArray<int>(array, dtype, device, requiresGrad),
            TypeCode.Int16 => OfArray<short>(array, dtype, device, requiresGrad),
            TypeCode.SByte => OfArray<sbyte>(array, dtype, device, requiresGrad),
            TypeCode.Byte => OfArray<byte>(array, dtype, device, requiresGrad),
            TypeCode.Boolean => OfArray<bool>(array, dtype, device, requiresGrad),
            _ when type == typeof(Half) => OfArray<Half>(array, dtype, device, requiresGrad),
            _ when type == typeof(BFloat16) => OfArray<BFloat16>(array, dtype, device, requiresGrad),
            _ => throw new ArgumentException($"An array of {type} is no tensor."),
        };
    }

    internal static Tensor OfScalar(Scalar s) => s.Type switch
    {
        ScalarType.Bool => Of<bool>([s.AsLong != 0], [], null, null, false),
        _ when s.IsIntegral => Of<long>([s.AsLong], [], s.Type, null, false),
        _ => Of<double>([s.AsDouble], [], s.Type, null, false),
    };
}
