using System.Buffers.Binary;
using System.Text;

namespace MLNet.ViTPruning.Checkpoints.Pickle;

/// <summary>Reads a pickle's instructions and their arguments; every length is checked against what is left.</summary>
internal ref struct PickleReader(ReadOnlySpan<byte> data)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;

    public readonly int Position => _position;

    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > _data.Length - _position)
            throw new InvalidDataException($"Not a valid pickle: it ends at byte {_data.Length}, {count} bytes at {_position} were expected.");
        var taken = _data.Slice(_position, (int)count);
        _position += (int)count;
        return taken;
    }

    public byte Byte() => Take(1)[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public long UInt64()
    {
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
        return value <= long.MaxValue ? (long)value : -1; // Take refuses -1
    }

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    public string Text(long length)
    {
        try
        {
            return StrictUtf8.GetString(Take(length));
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("Not a valid pickle: a text is not UTF-8.", e);
        }
    }

    /// <summary>A line of text, for the few instructions that still use them.</summary>
    public string Line()
    {
        int length = _data[_position..].IndexOf((byte)'\n');
        if (length is < 0 or > 1024) throw new InvalidDataException("Not a valid pickle: a name is not ended by a line end.");
        string text = Text(length);
        _position++;
        return text;
    }
}
