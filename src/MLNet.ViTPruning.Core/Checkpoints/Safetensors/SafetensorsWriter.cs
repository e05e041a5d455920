using System.Buffers.Binary;
using System.Text.Json;
using MLNet.ViTPruning.Checkpoints.Bytes;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Writes safetensors files: the same tensors and metadata always give the same bytes.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes a file. It appears under its name only when it is complete and on the disk; after a fault the old one is
    /// untouched.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">Names and tensors of any device and layout; not disposed.</param>
    /// <param name="metadata">Texts for <c>__metadata__</c>, or null.</param>
    /// <param name="dtype">The type that floating-point tensors are converted to, or null to keep theirs.</param>
    /// <exception cref="ArgumentException">A name is empty, reserved or occurs twice, or a type cannot be written.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null, ScalarType? dtype = null)
    {
        var planned = TensorPlan.Of(tensors, dtype);
        AtomicFile.Write(path, stream => Write(stream, planned, metadata));
    }

    /// <summary>Writes to a stream, forwards only, one tensor at a time.</summary>
    /// <param name="stream">The stream; neither flushed nor closed.</param>
    /// <param name="tensors">Names and tensors of any device and layout; not disposed.</param>
    /// <param name="metadata">Texts for <c>__metadata__</c>, or null.</param>
    /// <param name="dtype">The type that floating-point tensors are converted to, or null to keep theirs.</param>
    /// <exception cref="ArgumentException">A name is empty, reserved or occurs twice, or a type cannot be written.</exception>
    public static void Write(Stream stream, IEnumerable<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null, ScalarType? dtype = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Write(stream, TensorPlan.Of(tensors, dtype), metadata);
    }

    internal static void Write(Stream stream, IEnumerable<TensorPlan> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        // Wide elements first, as the format's own writers do it, so that every tensor is aligned; then by name.
        List<TensorPlan> planned = [.. tensors.OrderByDescending(t => t.Type.Size).ThenBy(t => t.Name, StringComparer.Ordinal)];
        byte[] json = Header(planned, metadata);
        // Padded with spaces, so that the data starts at a multiple of 8 for readers that map it.
        int padded = (json.Length + 7) / 8 * 8;
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)padded);
        stream.Write(prefix);
        stream.Write(json);
        stream.Write("       "u8[..(padded - json.Length)]);
        foreach (var (_, tensor, type) in planned) TensorBytes.Use(tensor, type.Type, stream.Write);
    }

    private static byte[] Header(List<TensorPlan> planned, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal)) json.WriteString(key, value);
                json.WriteEndObject();
            }
            long offset = 0;
            foreach (var (name, tensor, type) in planned)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", type.Safetensors);
                json.WriteStartArray("shape");
                foreach (long size in tensor.shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset = checked(offset + tensor.NumberOfElements * type.Size));
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
