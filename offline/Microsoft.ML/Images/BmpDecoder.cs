using System.Buffers.Binary;
using System.Numerics;

namespace Microsoft.ML.Data;

/// <summary>Uncompressed Windows and OS/2 bitmaps of 1, 4, 8, 16, 24 and 32 bits, with or without colour masks.</summary>
internal static class BmpDecoder
{
    private const int FileHeader = 14, Rgb = 0, BitFields = 3, AlphaBitFields = 6;

    internal static bool IsBmp(ReadOnlySpan<byte> file) => file.Length >= FileHeader + 12 && file[0] == 'B' && file[1] == 'M';

    internal static byte[] Decode(ReadOnlySpan<byte> file, out int width, out int height, out string error)
    {
        width = height = 0;
        var headerSize = Int32(file, 14);
        var core = headerSize == 12;
        if (!core && (headerSize < 40 || headerSize > file.Length - FileHeader))
        {
            error = $"its header size {headerSize} is unknown";
            return null;
        }
        long w = core ? UInt16(file, 18) : Int32(file, 18), signedHeight = core ? UInt16(file, 20) : Int32(file, 22);
        var bits = UInt16(file, core ? 24 : 28);
        var compression = core ? Rgb : Int32(file, 30);
        var topDown = signedHeight < 0; // rows usually stand bottom-up
        var h = Math.Abs(signedHeight);
        if ((error = ImageDecoder.Refusal(w, h)) != null) return null;
        var masked = compression is BitFields or AlphaBitFields && bits is 16 or 32 && compression != Rgb;
        if (bits is not (1 or 4 or 8 or 16 or 24 or 32) || (compression != Rgb && !masked))
        {
            error = $"{bits} bits with compression {compression} are not supported";
            return null;
        }
        var stride = (w * bits + 31) / 32 * 4;
        long start = (uint)Int32(file, 10);
        if (start + stride * h > file.Length)
        {
            error = $"it holds {file.Length} bytes of the {start + stride * h} that its header announces";
            return null;
        }
        (width, height) = ((int)w, (int)h);
        var masks = ReadMasks(file, headerSize, bits, masked, compression);
        var palette = bits <= 8 ? ReadPalette(file, headerSize, core, bits) : null;
        var pixels = new byte[width * height * 4];
        for (var y = 0; y < height; y++)
        {
            var row = file.Slice((int)(start + stride * (topDown ? y : height - 1 - y)), (int)stride);
            DecodeRow(row, pixels.AsSpan(y * width * 4, width * 4), bits, palette, masks);
        }
        return pixels;
    }

    private static void DecodeRow(ReadOnlySpan<byte> row, Span<byte> bgra, int bits, byte[] palette, uint[] masks)
    {
        for (int x = 0, to = 0; to < bgra.Length; x++, to += 4)
        {
            if (bits <= 8)
            {
                var index = row[x * bits / 8] >> (8 - bits - x * bits % 8) & ((1 << bits) - 1);
                palette.AsSpan(index * 4, 4).CopyTo(bgra[to..]);
            }
            else if (bits == 24)
            {
                row.Slice(x * 3, 3).CopyTo(bgra[to..]);
                bgra[to + 3] = 255;
            }
            else
            {
                var value = bits == 16 ? UInt16(row, x * 2) : (uint)Int32(row, x * 4);
                var alpha = masks[3] == 0 ? 255 : Scale(value, masks[3]);
                for (var c = 0; c < 3; c++)
                    bgra[to + c] = (byte)((Scale(value, masks[2 - c]) * alpha + 127) / 255); // premultiplied, as from PNG
                bgra[to + 3] = (byte)alpha;
            }
        }
    }

    // red, green, blue, alpha; a mask of 0 reads as 0 (alpha: opaque)
    private static uint[] ReadMasks(ReadOnlySpan<byte> file, int headerSize, int bits, bool masked, int compression)
    {
        if (!masked) return bits == 16 ? [0x7c00, 0x03e0, 0x001f, 0] : [0xff0000, 0xff00, 0xff, 0];
        var masks = new uint[4];
        var count = headerSize >= 56 || compression == AlphaBitFields ? 4 : 3; // masks end the header or follow it
        for (var i = 0; i < count && 54 + i * 4 + 4 <= file.Length; i++) masks[i] = (uint)Int32(file, 54 + i * 4);
        return masks;
    }

    private static byte[] ReadPalette(ReadOnlySpan<byte> file, int headerSize, bool core, int bits)
    {
        var palette = new byte[(1 << bits) * 4]; // entries that the file lacks are black
        var (at, entry) = (FileHeader + headerSize, core ? 3 : 4);
        var used = core ? 0 : Int32(file, 46);
        var count = used is > 0 and <= 256 ? Math.Min(used, 1 << bits) : 1 << bits;
        for (var i = 0; i < 1 << bits; i++)
        {
            if (i < count && at + i * entry + 3 <= file.Length) file.Slice(at + i * entry, 3).CopyTo(palette.AsSpan(i * 4));
            palette[i * 4 + 3] = 255;
        }
        return palette;
    }

    private static int Scale(uint value, uint mask)
    {
        if (mask == 0) return 0;
        var shift = BitOperations.TrailingZeroCount(mask);
        ulong max = mask >> shift;
        return (int)(((ulong)((value & mask) >> shift) * 255 + max / 2) / max);
    }

    private static int Int32(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadInt32LittleEndian(data[at..]);
    private static ushort UInt16(ReadOnlySpan<byte> data, int at) => BinaryPrimitives.ReadUInt16LittleEndian(data[at..]);
}
