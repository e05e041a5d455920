using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML;

/// <summary>Column types as bytes. Types of other assemblies or folders add themselves with <see cref="Register"/>.</summary>
internal static class TypeCodec
{
    private const byte KeyTag = 32, VectorTag = 33, RowIdTag = 34, CustomTag = 35;

    private static readonly Lock Gate = new();
    private static readonly List<Custom> Customs = [];

    static TypeCodec() => Register("Image",
        static (writer, type) =>
        {
            writer.Write(type.Height);
            writer.Write(type.Width);
        },
        static reader => (reader.ReadInt32(), reader.ReadInt32()) is var (height, width) && height == 0 && width == 0
            ? new ImageDataViewType() : new ImageDataViewType(height, width));

    private sealed record Custom(string Name, Type Type, Action<BinaryWriter, DataViewType> Write, Func<BinaryReader, DataViewType> Read);

    /// <summary>Makes a structured type known under a name that stands in the file.</summary>
    public static void Register<TType>(string name, Action<BinaryWriter, TType> write, Func<BinaryReader, TType> read)
        where TType : DataViewType
    {
        lock (Gate)
            if (!Customs.Any(c => c.Name == name))
                Customs.Add(new(name, typeof(TType), (writer, type) => write(writer, (TType)type), reader => read(reader)));
    }

    public static bool CanWrite(DataViewType type) => type switch
    {
        KeyDataViewType or RowIdDataViewType => true,
        VectorDataViewType vector => CanWrite(vector.ItemType),
        _ => DataKinds.OfType(type) != null || Find(c => c.Type == type.GetType()) != null,
    };

    public static void Write(BinaryWriter writer, DataViewType type)
    {
        switch (type)
        {
            case KeyDataViewType key:
                writer.Write(KeyTag);
                writer.Write((byte)DataKinds.OfType(DataKinds.OfRawType(key.RawType)));
                writer.Write(key.Count);
                break;
            case VectorDataViewType vector:
                writer.Write(VectorTag);
                Write(writer, vector.ItemType);
                writer.Write((byte)vector.Dimensions.Length);
                foreach (int d in vector.Dimensions) writer.Write(d);
                break;
            case RowIdDataViewType:
                writer.Write(RowIdTag);
                break;
            default:
                if (DataKinds.OfType(type) is { } kind)
                {
                    writer.Write((byte)kind);
                    break;
                }
                var custom = Find(c => c.Type == type.GetType())
                    ?? throw new InvalidOperationException($"{type} cannot be written into a model file.");
                writer.Write(CustomTag);
                writer.Write(custom.Name);
                custom.Write(writer, type);
                break;
        }
    }

    public static DataViewType Read(BinaryReader reader)
    {
        byte tag = reader.ReadByte();
        switch (tag)
        {
            case KeyTag:
                return new KeyDataViewType(((DataKind)reader.ReadByte()).ToType().RawType, reader.ReadUInt64());
            case VectorTag:
                var item = Read(reader) as PrimitiveDataViewType
                    ?? throw new InvalidDataException("A vector of the schema in the model file has no primitive items.");
                var dimensions = new int[reader.ReadByte()];
                for (int i = 0; i < dimensions.Length; i++) dimensions[i] = reader.ReadInt32();
                return new VectorDataViewType(item, dimensions);
            case RowIdTag:
                return RowIdDataViewType.Instance;
            case CustomTag:
                var name = reader.ReadString();
                return (Find(c => c.Name == name)
                    ?? throw new InvalidDataException($"The schema in the model file has a column of the unknown type '{name}'.")).Read(reader);
            default:
                return ((DataKind)tag).ToType();
        }
    }

    private static Custom Find(Predicate<Custom> which)
    {
        lock (Gate) return Customs.Find(which);
    }
}
