using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp;

public static class TensorExtensionMethods
{
    public static float ToSingle(this Tensor value) => value.ToNumber<float>();
    public static double ToDouble(this Tensor value) => value.ToNumber<double>();
    public static Half ToHalf(this Tensor value) => value.ToNumber<Half>();
    public static BFloat16 ToBFloat16(this Tensor value) => value.ToNumber<BFloat16>();
    public static sbyte ToSByte(this Tensor value) => value.ToNumber<sbyte>();
    public static byte ToByte(this Tensor value) => value.ToNumber<byte>();
    public static short ToInt16(this Tensor value) => value.ToNumber<short>();
    public static int ToInt32(this Tensor value) => value.ToNumber<int>();
    public static long ToInt64(this Tensor value) => value.ToNumber<long>();
    public static bool ToBoolean(this Tensor value) => value.ToNumber<bool>();

    public static Parameter AsParameter(this Tensor tensor) => nn.Parameter(tensor);

    public static long TotalSize(this IEnumerable<long> shape) => shape.Aggregate(1L, (a, b) => checked(a * b));

    public static int ElementSize(this ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.Int64 or ScalarType.Float64 or ScalarType.ComplexFloat32 => 8,
        ScalarType.ComplexFloat64 => 16,
        _ => throw new NotImplementedException($"{type}"),      // TorchSharp's exception, documented there for an invalid ScalarType
    };

    public static Tensor ToTensor<T>(this T[] rawArray, long[] dimensions, bool doCopy = false, bool requires_grad = false)
    {
        var t = Data.OfAnyArray(rawArray, null, null, requires_grad);
        using (t) return t.reshape(dimensions);
    }

    public static Tensor ToTensor<T>(this T scalar, Device device = null, bool requires_grad = false) where T : struct
    {
        using var one = Data.OfAnyArray(new[] { scalar }, null, device, requires_grad);
        return one.reshape([]);
    }

    /// <summary>Type, dimensions and bytes, numbers as variable-length integers.</summary>
    public static void Save(this Tensor tensor, BinaryWriter writer)
    {
        writer.Write7BitEncodedInt64((long)tensor.dtype);
        var shape = tensor.shape;
        writer.Write7BitEncodedInt64(shape.Length);
        foreach (var d in shape) writer.Write7BitEncodedInt64(d);
        writer.Flush();
        tensor.WriteBytesToStream(writer.BaseStream);
    }

    /// <summary>Writes the tensor and disposes the stream.</summary>
    public static void Save(this Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream);
        tensor.Save(writer);
    }

    public static void Save(this Tensor tensor, string location)
    {
        using var stream = File.Create(location);
        tensor.Save(stream);
    }

    public static Tensor Load(BinaryReader reader, bool skip = false)
    {
        var type = (ScalarType)reader.Read7BitEncodedInt64();
        var shape = new long[reader.Read7BitEncodedInt64()];
        for (var i = 0; i < shape.Length; i++) shape[i] = reader.Read7BitEncodedInt64();
        if (skip)
        {
            Skip(reader, shape.TotalSize() * type.ElementSize());
            return null;
        }
        var tensor = empty(shape, type);
        tensor.ReadBytesFromStream(reader.BaseStream);
        return tensor;
    }

    public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
    {
        var loaded = Load(reader, skip);
        if (loaded is null) return;
        using (loaded) Copy(tensor, loaded);
    }

    public static void Load(ref Tensor tensor, BinaryReader reader, bool skip = false)
    {
        var loaded = Load(reader, skip);
        if (loaded is null) return;
        if (tensor is null) tensor = loaded;
        else using (loaded) Copy(tensor, loaded);
    }

    private static void Copy(Tensor target, Tensor source)
    {
        if (target.dtype != source.dtype) throw new ArgumentException($"The file holds {source.dtype}; the tensor is {target.dtype}.");
        if (!target.shape.AsSpan().SequenceEqual(source.shape))
            throw new ArgumentException($"The file holds [{string.Join(", ", source.shape)}]; the tensor is [{string.Join(", ", target.shape)}].");
        using var guard = no_grad();
        target.copy_(source);
    }

    private static void Skip(BinaryReader reader, long count)
    {
        var buffer = new byte[Math.Min(count, 1 << 16)];
        while (count > 0)
        {
            var n = reader.Read(buffer, 0, (int)Math.Min(count, buffer.Length));
            if (n == 0) throw new EndOfStreamException();
            count -= n;
        }
    }

    /// <summary>Shape, type, device and the first elements.</summary>
    internal static string ToText(this Tensor t, int most)
    {
        var head = $"[{string.Join("x", t.shape)}], type = {t.dtype}, device = {t.device}";
        if (t.device_type == DeviceType.META || t.is_complex()) return head;
        using var scope = NewDisposeScope();
        var some = t.detach().reshape(-1).narrow(0, 0, Math.Min(most, t.numel())).cpu().to(ScalarType.Float64);
        var values = some.data<double>().ToArray();
        return values.Length == 1 && t.dim() == 0 ? $"{head}, value = {values[0]}" : $"{head}, [{string.Join(" ", values)}{(t.numel() > most ? " ..." : "")}]";
    }

    public static string str(this Tensor tensor, string fltFormat = null, int? width = null, string newLine = null, System.Globalization.CultureInfo cultureInfo = null) =>
        tensor.ToText(int.MaxValue);
}
