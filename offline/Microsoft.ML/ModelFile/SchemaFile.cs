using System.Text;
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>A schema as an entry of a model file: visible and hidden columns, and those annotations whose values can be written.</summary>
internal static class SchemaFile
{
    private const int MaxColumns = 1 << 20;

    public static void Write(Stream stream, DataViewSchema schema)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        var columns = schema.Where(column => TypeCodec.CanWrite(column.Type)).ToList();
        writer.Write(columns.Count);
        foreach (var column in columns)
        {
            writer.Write(column.Name);
            TypeCodec.Write(writer, column.Type);
            var annotations = column.Annotations.Schema.Where(a => !a.IsHidden && ValueCodec.CanWrite(a.Type)).ToList();
            writer.Write(annotations.Count);
            foreach (var annotation in annotations)
            {
                writer.Write(annotation.Name);
                TypeCodec.Write(writer, annotation.Type);
                ValueCodec.Write(writer, annotation.Type, column.Annotations.GetterOf(annotation));
            }
        }
    }

    public static DataViewSchema Read(Stream stream)
    {
        try
        {
            using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
            var schema = new DataViewSchema.Builder();
            int columns = Count(reader);
            for (int i = 0; i < columns; i++)
            {
                var name = reader.ReadString();
                var type = TypeCodec.Read(reader);
                var annotations = new DataViewSchema.Annotations.Builder();
                int kinds = Count(reader);
                for (int k = 0; k < kinds; k++)
                {
                    var kind = reader.ReadString();
                    var kindType = TypeCodec.Read(reader);
                    annotations.Add(kind, kindType, ValueCodec.Read(reader, kindType));
                }
                schema.AddColumn(name, type, annotations.ToAnnotations());
            }
            return schema.ToSchema();
        }
        catch (Exception e) when (e is not InvalidDataException && Damage.Is(e))
        {
            throw new InvalidDataException($"The schema in the model file is damaged: {e.Message}", e);
        }
    }

    private static int Count(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        return count is >= 0 and <= MaxColumns ? count : throw new InvalidDataException(
            $"The schema in the model file announces {count} columns.");
    }
}
