using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>Values of primitive types, and vectors of them, as bytes.</summary>
internal static class ValueCodec
{
    private static readonly Dictionary<Type, (Delegate Write, Delegate Read)> Codecs = new()
    {
        [typeof(sbyte)] = Of<sbyte>((w, v) => w.Write(v), r => r.ReadSByte()),
        [typeof(byte)] = Of<byte>((w, v) => w.Write(v), r => r.ReadByte()),
        [typeof(short)] = Of<short>((w, v) => w.Write(v), r => r.ReadInt16()),
        [typeof(ushort)] = Of<ushort>((w, v) => w.Write(v), r => r.ReadUInt16()),
        [typeof(int)] = Of<int>((w, v) => w.Write(v), r => r.ReadInt32()),
        [typeof(uint)] = Of<uint>((w, v) => w.Write(v), r => r.ReadUInt32()),
        [typeof(long)] = Of<long>((w, v) => w.Write(v), r => r.ReadInt64()),
        [typeof(ulong)] = Of<ulong>((w, v) => w.Write(v), r => r.ReadUInt64()),
        [typeof(float)] = Of<float>((w, v) => w.Write(v), r => r.ReadSingle()),
        [typeof(double)] = Of<double>((w, v) => w.Write(v), r => r.ReadDouble()),
        [typeof(bool)] = Of<bool>((w, v) => w.Write(v), r => r.ReadBoolean()),
        [typeof(ReadOnlyMemory<char>)] = Of<ReadOnlyMemory<char>>((w, v) => w.Write(v.ToString()), r => r.ReadString().AsMemory()),
        [typeof(DateTime)] = Of<DateTime>((w, v) => w.Write(v.ToBinary()), r => DateTime.FromBinary(r.ReadInt64())),
        [typeof(TimeSpan)] = Of<TimeSpan>((w, v) => w.Write(v.Ticks), r => new TimeSpan(r.ReadInt64())),
    };

    private static (Delegate, Delegate) Of<T>(Action<BinaryWriter, T> write, Func<BinaryReader, T> read) => (write, read);

    public static bool CanWrite(DataViewType type) =>
        Codecs.ContainsKey(type is VectorDataViewType vector ? vector.ItemType.RawType : type.RawType);

    /// <summary>Writes what a getter of the column type delivers.</summary>
    public static void Write(BinaryWriter writer, DataViewType type, Delegate getter)
    {
        var (name, item) = type is VectorDataViewType vector ? (nameof(WriteVector), vector.ItemType.RawType) : (nameof(WriteScalar), type.RawType);
        TypedCall.Invoke(typeof(ValueCodec), name, null, [item], writer, getter);
    }

    /// <summary>Reads a value and gives a getter that delivers it.</summary>
    public static Delegate Read(BinaryReader reader, DataViewType type)
    {
        var (name, item) = type is VectorDataViewType vector ? (nameof(ReadVector), vector.ItemType.RawType) : (nameof(ReadScalar), type.RawType);
        if (!Codecs.ContainsKey(item)) throw new InvalidDataException($"A value of type {type} cannot stand in a model file.");
        return (Delegate)TypedCall.Invoke(typeof(ValueCodec), name, null, [item], reader);
    }

    /// <summary>Writes one value of a primitive raw type.</summary>
    public static void WriteValue<T>(BinaryWriter writer, T value) => ((Action<BinaryWriter, T>)Codecs[typeof(T)].Write)(writer, value);

    /// <summary>Reads one value of a primitive raw type.</summary>
    public static T ReadValue<T>(BinaryReader reader) => ((Func<BinaryReader, T>)Codecs[typeof(T)].Read)(reader);

    private static void WriteScalar<T>(BinaryWriter writer, ValueGetter<T> getter)
    {
        T value = default;
        getter(ref value);
        WriteValue(writer, value);
    }

    private static void WriteVector<T>(BinaryWriter writer, ValueGetter<VBuffer<T>> getter)
    {
        VBuffer<T> value = default;
        getter(ref value);
        writer.Write(value.Length);
        foreach (var item in value.DenseValues()) WriteValue(writer, item);
    }

    private static ValueGetter<T> ReadScalar<T>(BinaryReader reader)
    {
        var value = ReadValue<T>(reader);
        return (ref T destination) => destination = value;
    }

    private static ValueGetter<VBuffer<T>> ReadVector<T>(BinaryReader reader)
    {
        int length = reader.ReadInt32();
        if (length < 0) throw new InvalidDataException($"A vector in the model file announces {length} values.");
        // Grown as values arrive: a wrong length meets the end of the entry before it costs memory.
        var values = new List<T>();
        for (int i = 0; i < length; i++) values.Add(ReadValue<T>(reader));
        var array = values.ToArray();
        return (ref VBuffer<T> destination) => VBuffer<T>.Copy(array, 0, ref destination, array.Length);
    }
}
