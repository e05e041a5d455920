using System.Buffers.Binary;

namespace MLNet.ViTPruning.Imaging;

/// <summary>The size that an encoded image claims, read before a decoder allocates anything for it.</summary>
/// <param name="Format">JPEG, PNG or BMP.</param>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
internal readonly record struct ImageHeader(string Format, int Width, int Height)
{
    /// <summary>Width x height that is decoded at most, where nothing else is asked for.</summary>
    public const long DefaultMaxPixels = 100_000_000;

    /// <summary>Reads the header of a JPEG, PNG or BMP file.</summary>
    /// <exception cref="InvalidDataException">It is none of them, is cut short, or claims no pixels or more than the limit.</exception>
    public static ImageHeader Read(ReadOnlySpan<byte> file, long maxPixels = DefaultMaxPixels)
    {
        var header = file switch
        {
            [0xff, 0xd8, 0xff, ..] => Jpeg(file),
            [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Png(file),
            [(byte)'B', (byte)'M', ..] => Bmp(file),
            _ => throw new InvalidDataException(file.Length == 0 ? "The file is empty." : "It is neither a JPEG, a PNG nor a BMP image."),
        };
        if (header.Width < 1 || header.Height < 1) throw new InvalidDataException($"The {header.Format} header claims {header.Width} x {header.Height} pixels.");
        if ((long)header.Width * header.Height > maxPixels)
            throw new InvalidDataException($"The {header.Format} header claims {header.Width} x {header.Height} pixels; at most {maxPixels} are decoded.");
        return header;
    }

    private static ImageHeader Jpeg(ReadOnlySpan<byte> file)
    {
        for (var at = 2; ;)
        {
            if (at + 4 > file.Length) throw Short("JPEG");
            if (file[at] != 0xff) throw new InvalidDataException("The JPEG has no frame header where one is expected.");
            var marker = file[at + 1];
            if (marker == 0xff)                                             // a fill byte
            {
                at++;
                continue;
            }
            if (marker is 0x01 or >= 0xd0 and <= 0xd8)                      // markers without a segment
            {
                at += 2;
                continue;
            }
            if (marker is 0xd9 or 0xda) throw new InvalidDataException("The JPEG has no frame header before its image data.");
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc))
            {
                if (length < 8 || at + 9 > file.Length) throw Short("JPEG");
                return new("JPEG", BinaryPrimitives.ReadUInt16BigEndian(file[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(file[(at + 5)..]));
            }
            if (length < 2) throw new InvalidDataException($"A JPEG segment claims {length} bytes.");
            at += 2 + length;
        }
    }

    private static ImageHeader Png(ReadOnlySpan<byte> file)
    {
        if (file.Length < 33) throw Short("PNG");
        if (!file.Slice(12, 4).SequenceEqual("IHDR"u8)) throw new InvalidDataException("The PNG does not start with its header chunk.");
        return new("PNG", BinaryPrimitives.ReadInt32BigEndian(file[16..]), BinaryPrimitives.ReadInt32BigEndian(file[20..]));
    }

    private static ImageHeader Bmp(ReadOnlySpan<byte> file)
    {
        if (file.Length < 26) throw Short("BMP");
        if (BinaryPrimitives.ReadInt32LittleEndian(file[14..]) == 12)       // the oldest header has 16-bit sizes
            return new("BMP", BinaryPrimitives.ReadUInt16LittleEndian(file[18..]), BinaryPrimitives.ReadUInt16LittleEndian(file[20..]));
        var height = BinaryPrimitives.ReadInt32LittleEndian(file[22..]);    // negative: stored from the top
        return new("BMP", BinaryPrimitives.ReadInt32LittleEndian(file[18..]), height == int.MinValue ? 0 : Math.Abs(height));
    }

    private static InvalidDataException Short(string format) => new($"The {format} is cut short in its header.");
}
