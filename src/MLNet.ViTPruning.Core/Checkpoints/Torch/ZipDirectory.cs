using System.Buffers.Binary;
using System.Text;
using MLNet.ViTPruning.Checkpoints.Bytes;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>An entry of a zip file, stored as it is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Offset">Position of its first data byte in the file.</param>
/// <param name="Length">Number of its bytes.</param>
internal sealed record ZipEntry(string Name, long Offset, long Length);

/// <summary>Reads a zip file's central directory. Only stored entries are taken, so an entry can never be larger than the file.</summary>
/// <remarks>Source: PKWARE's APPNOTE, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to 4.3.16 (ends), 4.5.3
/// (zip64).</remarks>
internal static class ZipDirectory
{
    private const int EndSize = 22, CentralSize = 46, LocalSize = 30, MaxDirectory = 1 << 26, MaxEntries = 100_000;

    /// <exception cref="InvalidDataException">The zip file is broken, or an entry is compressed, encrypted or out of range.</exception>
    public static Dictionary<string, ZipEntry> Read(ByteSource source)
    {
        var (count, size, start) = ZipEnd.Find(source);
        if (size > MaxDirectory || count > MaxEntries) throw Broken($"its directory claims {count} entries in {size} bytes");
        if (start < 0 || size < 0 || start > source.Length || size > source.Length - start) throw Broken("its directory leaves the file");
        ReadOnlySpan<byte> directory = source.Read(start, (int)size);
        var entries = new Dictionary<string, ZipEntry>(StringComparer.Ordinal);
        for (long i = 0; i < count; i++)
        {
            var entry = ReadEntry(ref directory, source, start);
            if (!entries.TryAdd(entry.Name, entry)) throw Broken($"there are two entries '{entry.Name}'");
        }
        CheckOverlap(entries.Values);
        return entries;
    }

    private static ZipEntry ReadEntry(ref ReadOnlySpan<byte> directory, ByteSource source, long dataEnd)
    {
        if (directory.Length < CentralSize || BinaryPrimitives.ReadUInt32LittleEndian(directory) != 0x02014b50)
            throw Broken("its directory is damaged");
        int flags = UInt16(directory, 8), method = UInt16(directory, 10);
        int nameLength = UInt16(directory, 28), extraLength = UInt16(directory, 30), commentLength = UInt16(directory, 32);
        if (directory.Length < CentralSize + nameLength + extraLength + commentLength) throw Broken("its directory is truncated");
        string name = Encoding.UTF8.GetString(directory.Slice(CentralSize, nameLength));
        if (nameLength is 0 or > 1024) throw Broken("an entry's name has no or too many characters");
        if ((flags & 1) != 0) throw Broken($"entry '{name}' is encrypted");
        if (method != 0)
            throw Broken($"entry '{name}' is compressed (method {method}); PyTorch stores entries as they are. Save it again with torch.save");
        var zip64 = new Zip64Fields(directory.Slice(CentralSize + nameLength, extraLength));
        long length = zip64.Take(UInt32(directory, 24));
        long packed = zip64.Take(UInt32(directory, 20));
        long header = zip64.Take(UInt32(directory, 42));
        if (length != packed) throw Broken($"entry '{name}' has {length} bytes but takes {packed}");
        directory = directory[(CentralSize + nameLength + extraLength + commentLength)..];

        // The local header's own extra field is PyTorch's padding: its length stands only there.
        if (header < 0 || header > dataEnd - LocalSize) throw Broken($"entry '{name}' leaves the file");
        Span<byte> local = stackalloc byte[LocalSize];
        source.Read(header, local);
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != 0x04034b50 || UInt16(local, 8) != method)
            throw Broken($"entry '{name}' has no header where its directory says");
        long offset = header + LocalSize + UInt16(local, 26) + UInt16(local, 28);
        if (length < 0 || offset > dataEnd || length > dataEnd - offset) throw Broken($"entry '{name}' leaves the file: it is truncated");
        return new ZipEntry(name, offset, length);
    }

    private static void CheckOverlap(IEnumerable<ZipEntry> entries)
    {
        long end = 0;
        foreach (var entry in entries.Where(e => e.Length > 0).OrderBy(e => e.Offset))
        {
            if (entry.Offset < end) throw Broken($"entry '{entry.Name}' overlaps the one before it");
            end = entry.Offset + entry.Length;
        }
    }

    internal static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    internal static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    internal static InvalidDataException Broken(string why) => new($"Not a valid zip file: {why}.");

    /// <summary>The zip64 extra field: 64-bit values for those that stand as 0xFFFFFFFF in the entry, in the entry's order.</summary>
    private ref struct Zip64Fields
    {
        private ReadOnlySpan<byte> _values;

        public Zip64Fields(ReadOnlySpan<byte> extra)
        {
            while (extra.Length >= 4)
            {
                int length = UInt16(extra, 2);
                if (length > extra.Length - 4) return;
                if (UInt16(extra, 0) == 1) _values = extra.Slice(4, length);
                extra = extra[(4 + length)..];
            }
        }

        public long Take(uint value)
        {
            if (value != uint.MaxValue) return value;
            if (_values.Length < 8) throw Broken("a 64-bit size is missing");
            long wide = BinaryPrimitives.ReadInt64LittleEndian(_values);
            _values = _values[8..];
            return wide;
        }
    }

    /// <summary>Finds the end record, behind which at most a comment stands.</summary>
    private static class ZipEnd
    {
        public static (long Count, long Size, long Start) Find(ByteSource source)
        {
            int tailLength = (int)Math.Min(source.Length, EndSize + ushort.MaxValue);
            ReadOnlySpan<byte> tail = source.Read(source.Length - tailLength, tailLength);
            for (int at = tailLength - EndSize; at >= 0; at--)
            {
                if (UInt32(tail, at) != 0x06054b50 || UInt16(tail, at + 20) != tailLength - EndSize - at) continue;
                var record = (Count: (long)UInt16(tail, at + 10), Size: (long)UInt32(tail, at + 12), Start: (long)UInt32(tail, at + 16));
                bool wide = record.Count == ushort.MaxValue || record.Size == uint.MaxValue || record.Start == uint.MaxValue;
                return wide ? Wide(source, source.Length - tailLength + at) : record;
            }
            throw Broken("its end record is missing: it is truncated");
        }

        private static (long Count, long Size, long Start) Wide(ByteSource source, long end)
        {
            if (end < 20) throw Broken("its 64-bit end record is missing");
            ReadOnlySpan<byte> locator = source.Read(end - 20, 20);
            if (UInt32(locator, 0) != 0x07064b50) throw Broken("its 64-bit end record is missing");
            ReadOnlySpan<byte> record = source.Read(BinaryPrimitives.ReadInt64LittleEndian(locator[8..]), 56);
            if (UInt32(record, 0) != 0x06064b50) throw Broken("its 64-bit end record is damaged");
            return (BinaryPrimitives.ReadInt64LittleEndian(record[32..]), BinaryPrimitives.ReadInt64LittleEndian(record[40..]),
                BinaryPrimitives.ReadInt64LittleEndian(record[48..]));
        }
    }
}
