using System.Buffers.Binary;
using System.Text;

namespace MLNet.ViTPruning.Tests.Checkpoints;

/// <summary>Builds safetensors files by hand, valid or not.</summary>
internal static class SafetensorsBytes
{
    public static byte[] Of(string header, int dataLength, ulong? claimedLength = null) => Of(Encoding.UTF8.GetBytes(header), dataLength, claimedLength);

    public static byte[] Of(byte[] header, int dataLength, ulong? claimedLength = null)
    {
        var file = new byte[8 + header.Length + dataLength];
        BinaryPrimitives.WriteUInt64LittleEndian(file, claimedLength ?? (ulong)header.Length);
        header.CopyTo(file, 8);
        return file;
    }
}
