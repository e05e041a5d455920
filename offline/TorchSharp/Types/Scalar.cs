using System;
using System.Numerics;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A number for an operator. Integers, floats and booleans keep their kind, as PyTorch's promotion rules ask.</summary>
public sealed class Scalar : IDisposable
{
    private readonly long _integer;
    private readonly double _real;

    private Scalar(ScalarType type, long integer, double real) => (Type, _integer, _real) = (type, integer, real);

    public ScalarType Type { get; }

    public void Dispose() { }

    public static implicit operator Scalar(byte value) => new(ScalarType.Byte, value, value);
    public static implicit operator Scalar(sbyte value) => new(ScalarType.Int8, value, value);
    public static implicit operator Scalar(short value) => new(ScalarType.Int16, value, value);
    public static implicit operator Scalar(int value) => new(ScalarType.Int32, value, value);
    public static implicit operator Scalar(long value) => new(ScalarType.Int64, value, value);
    public static implicit operator Scalar(Half value) => new(ScalarType.Float16, 0, (double)value);
    public static implicit operator Scalar(BFloat16 value) => new(ScalarType.BFloat16, 0, value.ToSingle());
    public static implicit operator Scalar(float value) => new(ScalarType.Float32, 0, value);
    public static implicit operator Scalar(double value) => new(ScalarType.Float64, 0, value);
    public static implicit operator Scalar(bool value) => new(ScalarType.Bool, value ? 1 : 0, value ? 1 : 0);

    internal bool IsIntegral => Type is ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64;
    internal double AsDouble => IsIntegral ? _integer : _real;
    internal long AsLong => IsIntegral || Type == ScalarType.Bool ? _integer : (long)_real;
    internal Arg ToArg() => Type == ScalarType.Bool ? _integer != 0 : IsIntegral ? _integer : (Arg)_real;

    public override string ToString() => IsIntegral ? _integer.ToString() : Type == ScalarType.Bool ? (_integer != 0).ToString() : _real.ToString();
}

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => value;
    public static Scalar ToScalar(this sbyte value) => value;
    public static Scalar ToScalar(this short value) => value;
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;
    public static Scalar ToScalar(this bool value) => value;
    public static Scalar ToScalar(this Half value) => value;
    public static Scalar ToScalar(this BFloat16 value) => value;
    public static float ToSingle(this Scalar value) => (float)value.AsDouble;
    public static double ToDouble(this Scalar value) => value.AsDouble;
    public static Half ToHalf(this Scalar value) => (Half)value.AsDouble;
    public static sbyte ToSByte(this Scalar value) => (sbyte)value.AsLong;
    public static byte ToByte(this Scalar value) => (byte)value.AsLong;
    public static short ToInt16(this Scalar value) => (short)value.AsLong;
    public static int ToInt32(this Scalar value) => (int)value.AsLong;
    public static long ToInt64(this Scalar value) => value.AsLong;
    public static bool ToBoolean(this Scalar value) => value.AsDouble != 0;
    public static BFloat16 ToBFloat16(this Scalar value) => (BFloat16)value.AsDouble;
}
