using System.Buffers.Binary;

namespace MLNet.ViTPruning.Imaging.ImageNet;

/// <summary>The type number of a data element in a MAT-5 file.</summary>
internal enum MatType
{
    Int8 = 1, UInt8 = 2, Int16 = 3, UInt16 = 4, Int32 = 5, UInt32 = 6, Single = 7, Double = 9, Int64 = 12, UInt64 = 13,
    Matrix = 14, Compressed = 15, Utf8 = 16, Utf16 = 17, Utf32 = 18,
}

/// <summary>One tagged element: a type and bytes. Small ones hold up to four bytes inside the tag.</summary>
internal readonly ref struct MatElement
{
    public MatType Type { get; private init; }

    public ReadOnlySpan<byte> Data { get; private init; }

    /// <summary>Takes an element from the front of <paramref name="bytes"/>, and its padding to 8 bytes.</summary>
    public static MatElement Take(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8) throw Mat5File.Broken("an element is cut short");
        var tag = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (tag >> 16 is > 0 and var small)
        {
            if (small > 4) throw Mat5File.Broken($"a small element claims {small} bytes");
            var element = new MatElement { Type = (MatType)(tag & 0xffff), Data = bytes.Slice(4, (int)small) };
            bytes = bytes[8..];
            return element;
        }
        var size = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (size > bytes.Length - 8) throw Mat5File.Broken($"an element of {size} bytes is cut short");
        var data = bytes.Slice(8, (int)size);
        // Compressed elements are not padded; the last one of a file may lack its padding.
        var padded = (MatType)tag == MatType.Compressed ? size : (size + 7L) & ~7L;
        bytes = bytes[(int)Math.Min(8 + padded, bytes.Length)..];
        return new MatElement { Type = (MatType)tag, Data = data };
    }

    /// <summary>The element's numbers.</summary>
    public double[] Numbers()
    {
        var size = Type switch
        {
            MatType.Int8 or MatType.UInt8 or MatType.Utf8 => 1,
            MatType.Int16 or MatType.UInt16 or MatType.Utf16 => 2,
            MatType.Int32 or MatType.UInt32 or MatType.Single or MatType.Utf32 => 4,
            MatType.Double or MatType.Int64 or MatType.UInt64 => 8,
            _ => throw Mat5File.Broken($"numbers are stored as type {(int)Type}"),
        };
        if (Data.Length % size != 0) throw Mat5File.Broken($"{Data.Length} bytes hold no whole number of elements of {size}");
        var numbers = new double[Data.Length / size];
        for (var i = 0; i < numbers.Length; i++)
        {
            var at = Data.Slice(i * size, size);
            numbers[i] = Type switch
            {
                MatType.Int8 => (sbyte)at[0],
                MatType.UInt8 or MatType.Utf8 => at[0],
                MatType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(at),
                MatType.UInt16 or MatType.Utf16 => BinaryPrimitives.ReadUInt16LittleEndian(at),
                MatType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(at),
                MatType.UInt32 or MatType.Utf32 => BinaryPrimitives.ReadUInt32LittleEndian(at),
                MatType.Single => BinaryPrimitives.ReadSingleLittleEndian(at),
                MatType.Double => BinaryPrimitives.ReadDoubleLittleEndian(at),
                MatType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(at),
                _ => BinaryPrimitives.ReadUInt64LittleEndian(at),
            };
        }
        return numbers;
    }
}
