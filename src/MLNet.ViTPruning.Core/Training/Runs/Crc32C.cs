using System.Buffers.Binary;
using System.Numerics;

namespace MLNet.ViTPruning.Training.Runs;

/// <summary>The CRC-32C (Castagnoli) of bytes, eight at a time; processors have an instruction for it.</summary>
/// <remarks>It finds what breaks files: any flipped bit, any burst up to 32 bits, and all but one in 2^32 of everything else.</remarks>
internal struct Crc32C()
{
    private uint _state = uint.MaxValue;

    public readonly uint Value => ~_state;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        uint state = _state;
        for (; bytes.Length >= 8; bytes = bytes[8..]) state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte b in bytes) state = BitOperations.Crc32C(state, b);
        _state = state;
    }
}
