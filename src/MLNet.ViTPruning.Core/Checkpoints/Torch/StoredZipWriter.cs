using System.Buffers.Binary;
using System.Text;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Writes a zip file of stored entries, forwards only, each entry's data at a multiple of 64 as PyTorch aligns it.</summary>
/// <remarks>Source: PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16. Times are constant, so the same content gives the same
/// bytes.</remarks>
internal sealed class StoredZipWriter(Stream stream)
{
    private const int Alignment = 64;
    private const ushort Version = 20, Utf8Names = 1 << 11, Date = 1 << 5 | 1; // 1 January 1980
    private readonly List<(byte[] Name, uint Crc, uint Length, uint Header)> _entries = [];
    private long _position;

    /// <exception cref="InvalidOperationException">The file grows beyond 4 GiB.</exception>
    public void Add(string name, ReadOnlySpan<byte> data)
    {
        byte[] encoded = Encoding.UTF8.GetBytes(name);
        long unpadded = _position + 30 + encoded.Length + 4; // an extra field has at least its own four bytes
        int padding = (int)((Alignment - unpadded % Alignment) % Alignment);
        if (unpadded + padding + data.Length > int.MaxValue * 2L)
            throw new InvalidOperationException("A .pth file of 4 GiB and more cannot be written; use .safetensors.");
        var entry = (encoded, Crc32.Of(data), (uint)data.Length, (uint)_position);
        _entries.Add(entry);
        Span<byte> header = stackalloc byte[30];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x04034b50);
        Common(header[4..], entry, 4 + padding);
        Put(header);
        Put(encoded);
        Span<byte> extra = stackalloc byte[4 + padding];
        extra.Clear();
        "FB"u8.CopyTo(extra); // PyTorch's own mark for padding
        BinaryPrimitives.WriteUInt16LittleEndian(extra[2..], (ushort)padding);
        Put(extra);
        Put(data);
    }

    public void Finish()
    {
        long start = _position;
        Span<byte> record = stackalloc byte[46];
        foreach (var entry in _entries)
        {
            record.Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(record, 0x02014b50);
            BinaryPrimitives.WriteUInt16LittleEndian(record[4..], Version);
            Common(record[6..], entry, 0);
            BinaryPrimitives.WriteUInt32LittleEndian(record[42..], entry.Header);
            Put(record);
            Put(entry.Name);
        }
        Span<byte> end = stackalloc byte[22];
        end.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end[8..], checked((ushort)_entries.Count));
        BinaryPrimitives.WriteUInt16LittleEndian(end[10..], (ushort)_entries.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(end[12..], (uint)(_position - start));
        BinaryPrimitives.WriteUInt32LittleEndian(end[16..], (uint)start);
        Put(end);
    }

    // The 26 bytes that a local header and a directory record share: version, flags, method 0, time, date, checksum, sizes, lengths.
    private static void Common(Span<byte> at, (byte[] Name, uint Crc, uint Length, uint Header) entry, int extraLength)
    {
        at[..26].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(at, Version);
        BinaryPrimitives.WriteUInt16LittleEndian(at[2..], Utf8Names);
        BinaryPrimitives.WriteUInt16LittleEndian(at[8..], Date);
        BinaryPrimitives.WriteUInt32LittleEndian(at[10..], entry.Crc);
        BinaryPrimitives.WriteUInt32LittleEndian(at[14..], entry.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(at[18..], entry.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(at[22..], (ushort)entry.Name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(at[24..], (ushort)extraLength);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        _position += bytes.Length;
    }
}
