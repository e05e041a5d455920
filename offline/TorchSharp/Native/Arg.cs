using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>How an argument travels; the numbers are those of native/torch_offline.cpp.</summary>
internal enum Tag { Default, None, Tensor, Int, Double, Bool, IntList, DoubleList, BoolList, TensorList, Device, String, Generator }

[StructLayout(LayoutKind.Sequential)]
internal struct NativeArg
{
    public int Tag, Extra;
    public long Value, Length;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeResult
{
    public int Tag, Length;
    public long Value;
}

/// <summary>One argument of an operator. The managed object behind it stays referenced until the call is over.</summary>
internal readonly struct Arg
{
    internal readonly Tag Tag;
    internal readonly int Extra;
    internal readonly long Value;
    internal readonly object Ref;

    private Arg(Tag tag, long value = 0, object reference = null, int extra = 0) => (Tag, Value, Ref, Extra) = (tag, value, reference, extra);

    /// <summary>Takes the value that the operator's schema names.</summary>
    internal static Arg Default => default;
    internal static Arg None => new(Tag.None);

    public static implicit operator Arg(Tensor t) => t is null ? None : new(Tag.Tensor, 0, t);
    public static implicit operator Arg(long value) => new(Tag.Int, value);
    public static implicit operator Arg(int value) => new(Tag.Int, value);
    public static implicit operator Arg(bool value) => new(Tag.Bool, value ? 1 : 0);
    public static implicit operator Arg(double value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(float value) => (double)value;
    public static implicit operator Arg(long? value) => value is { } v ? v : None;
    public static implicit operator Arg(int? value) => value is { } v ? v : None;
    public static implicit operator Arg(double? value) => value is { } v ? v : None;
    public static implicit operator Arg(bool? value) => value is { } v ? v : None;
    public static implicit operator Arg(ScalarType value) => new(Tag.Int, (int)value);
    public static implicit operator Arg(ScalarType? value) => value is { } v ? v : None;
    public static implicit operator Arg(Device device) => device is null ? None : new(Tag.Device, device.index, null, (int)device.type);
    public static implicit operator Arg(Generator g) => g is null ? None : new(Tag.Generator, 0, g);
    public static implicit operator Arg(Scalar s) => s is null ? None : s.ToArg();
    public static implicit operator Arg(string s) => s is null ? None : new(Tag.String, 0, s);
    public static implicit operator Arg(long[] list) => list is null ? None : new(Tag.IntList, 0, list);
    public static implicit operator Arg(ReadOnlySpan<long> list) => new(Tag.IntList, 0, list.ToArray());
    public static implicit operator Arg(Size size) => size.Shape;
    public static implicit operator Arg(double[] list) => list is null ? None : new(Tag.DoubleList, 0, list);
    public static implicit operator Arg(bool[] list) => list is null ? None : new(Tag.BoolList, 0, list);
    public static implicit operator Arg(Tensor[] list) => list is null ? None : new(Tag.TensorList, 0, list);
    public static implicit operator Arg((long, long) list) => new long[] { list.Item1, list.Item2 };
    public static implicit operator Arg((long, long, long) list) => new long[] { list.Item1, list.Item2, list.Item3 };
    public static implicit operator Arg((long, long, long, long) list) => new long[] { list.Item1, list.Item2, list.Item3, list.Item4 };

    internal static Arg List(IEnumerable<Tensor> tensors) => Arrays.Of(tensors);
    internal static Arg List(IEnumerable<long> numbers) => Arrays.Of(numbers);
}

internal static class Arrays
{
    internal static T[] Of<T>(IEnumerable<T> items) => items switch
    {
        null => null,
        T[] array => array,
        List<T> list => list.ToArray(),
        _ => [.. items],
    };
}
