using System.Globalization;
using System.Text;
using MLNet.ViTPruning.Checkpoints;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training.Runs;

/// <summary>A safetensors file with a text and a checksum of all its bytes in its metadata.</summary>
internal static class SealedFile
{
    private const string ChecksumKey = "crc32c", StateKey = "state", Unset = "00000000";

    // The writer sorts metadata by key and this one comes first, so the checksum has a fixed place. Its own digits count as zeros.
    private static readonly byte[] Start = Encoding.ASCII.GetBytes($$"""{"__metadata__":{"{{ChecksumKey}}":"{{Unset}}",""");
    private static readonly int Place = 8 + Start.Length - 2 - Unset.Length; // 8: the header's length comes before

    /// <summary>Writes a file; every tensor keeps its type.</summary>
    /// <param name="stream">An empty file.</param>
    /// <param name="tensors">Checked tensors.</param>
    /// <param name="state">The text.</param>
    public static void Write(FileStream stream, List<TensorPlan> tensors, string state)
    {
        SafetensorsWriter.Write(stream, tensors, new Dictionary<string, string> { [ChecksumKey] = Unset, [StateKey] = state });
        stream.Position = 0;
        uint sum = Checksum(stream, out _);
        stream.Position = Place;
        stream.Write(Encoding.ASCII.GetBytes(sum.ToString("x8", CultureInfo.InvariantCulture)));
    }

    /// <summary>Reads a file and holds it to its checksum.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The text and the tensors on the CPU, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">The file is broken.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static (string State, Dictionary<string, Tensor> Tensors) Read(string path)
    {
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0))
        {
            uint sum = Checksum(stream, out string stored);
            if (stored != sum.ToString("x8", CultureInfo.InvariantCulture))
                throw new InvalidDataException($"its bytes have the checksum {sum:x8}, it was written with {stored}");
        }
        using var file = SafetensorsFile.Open(path);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (string name in file.Names) tensors.Add(name, file.ReadTensor(name).DetachFromDisposeScope());
            return (file.Metadata.GetValueOrDefault(StateKey) ?? throw new InvalidDataException("it is no checkpoint: its metadata has no state"), tensors);
        }
        catch
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
            throw;
        }
    }

    private static uint Checksum(FileStream stream, out string stored)
    {
        byte[] buffer = new byte[1 << 18]; // a multiple of 8
        int count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (count < Place + Unset.Length + 2) throw new InvalidDataException($"it ends after {count} bytes");
        var digits = buffer.AsSpan(Place, Unset.Length);
        stored = Encoding.ASCII.GetString(digits);
        digits.Fill((byte)'0');
        if (!buffer.AsSpan(8, Start.Length).SequenceEqual(Start)) throw new InvalidDataException("it does not start as a checkpoint does");
        var sum = new Crc32C();
        for (; count > 0; count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) sum.Add(buffer.AsSpan(0, count));
        return sum.Value;
    }
}
