using System.Buffers.Binary;
using MLNet.ViTPruning.Checkpoints.Bytes;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Opens a checkpoint of any known format. The file's first bytes decide, not its name.</summary>
public static class CheckpointFile
{
    /// <summary>Opens a safetensors file or a PyTorch zip checkpoint by mapping it into memory.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The open file, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">The file is of no known format, or broken; the message names the file.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static ICheckpoint Open(string path)
    {
        try
        {
            return Create(MappedSource.Open(path));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Uses bytes in memory.</summary>
    /// <param name="bytes">The whole file; not copied.</param>
    /// <returns>The open file, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">They are of no known format, or broken.</exception>
    public static ICheckpoint Read(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return Create(new ArraySource(bytes));
    }

    private static ICheckpoint Create(ByteSource source)
    {
        try
        {
            byte[] start = source.Read(0, (int)Math.Min(source.Length, 16));
            return start switch
            {
                [(byte)'P', (byte)'K', 3, 4, ..] => TorchCheckpoint.Create(source),
                [_, _, _, _, _, _, _, _, (byte)'{', ..] => SafetensorsFile.Create(source),
                [0x80, 2 or 3 or 4 or 5, ..] => throw new InvalidDataException(
                    "The file is a bare pickle, PyTorch's format before 1.6. Load it in PyTorch and torch.save it again, which writes the zip format."),
                { Length: >= 8 } when BinaryPrimitives.ReadUInt64LittleEndian(start) is > 0 and <= SafetensorsHeader.MaxLength =>
                    SafetensorsFile.Create(source), // for its message
                _ => throw new InvalidDataException("The file is neither a safetensors file nor a PyTorch zip checkpoint (.pth, .pt, .bin)."),
            };
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }
}
