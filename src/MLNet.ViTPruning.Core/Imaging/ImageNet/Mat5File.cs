using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace MLNet.ViTPruning.Imaging.ImageNet;

/// <summary>Reads MATLAB's level 5 MAT-files as far as ImageNet's <c>meta.mat</c> needs: little-endian, numeric, char, cell and
/// struct arrays, compressed or not.</summary>
/// <remarks>Source: MathWorks, "MAT-File Format", the chapter on level 5. Everything is bounded, so a broken file costs little.</remarks>
internal static class Mat5File
{
    private const int HeaderBytes = 128;
    private const int MaxFileBytes = 1 << 24;
    private const int MaxInflatedBytes = 1 << 24;       // of the whole file; the real one unfolds to under 4 MiB
    private const int MaxDepth = 8;

    /// <exception cref="InvalidDataException">The file is broken, too large, or uses something that is not read.</exception>
    public static IReadOnlyList<MatArray> Read(string path)
    {
        if (new FileInfo(path).Length is var length and > MaxFileBytes)
            throw new InvalidDataException($"'{path}' has {length} bytes; expected at most {MaxFileBytes}.");
        try
        {
            return Read(File.ReadAllBytes(path));
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidDataException($"'{path}': {fault.Message}", fault);
        }
    }

    public static IReadOnlyList<MatArray> Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeaderBytes || !file.Slice(126, 2).SequenceEqual("IM"u8) || BinaryPrimitives.ReadUInt16LittleEndian(file[124..]) != 0x0100)
            throw Broken("its header is not that of a little-endian level 5 file (save it in MATLAB with -v7 or -v6)");
        var arrays = new List<MatArray>();
        var left = MaxInflatedBytes;
        for (var rest = file[HeaderBytes..]; rest.Length > 0;)
        {
            var element = MatElement.Take(ref rest);
            if (element.Type == MatType.Matrix) arrays.Add(Matrix(element.Data, 0));
            else if (element.Type == MatType.Compressed)
            {
                ReadOnlySpan<byte> inflated = Inflate(element.Data, left);
                left -= inflated.Length;
                while (inflated.Length > 0)
                    if (MatElement.Take(ref inflated) is { Type: MatType.Matrix } inner) arrays.Add(Matrix(inner.Data, 0));
                    else throw Broken("a compressed element holds no array");
            }
            else throw Broken($"an element of type {(int)element.Type} stands where an array is expected");
        }
        return arrays;
    }

    private static byte[] Inflate(ReadOnlySpan<byte> compressed, int limit)
    {
        using var zlib = new ZLibStream(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
        var inflated = new MemoryStream();
        var buffer = new byte[1 << 14];
        try
        {
            for (int read; (read = zlib.Read(buffer)) > 0;)
            {
                if (inflated.Length + read > limit) throw Broken($"it unfolds to more than {MaxInflatedBytes} bytes");
                inflated.Write(buffer, 0, read);
            }
        }
        catch (IOException fault)               // zlib's own complaints come as either kind
        {
            throw new InvalidDataException("Not a valid MAT-file: a compressed element is damaged.", fault);
        }
        return inflated.ToArray();
    }

    private static MatArray Matrix(ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth > MaxDepth) throw Broken($"its arrays are nested deeper than {MaxDepth}");
        if (bytes.Length == 0) return new("", [0, 0]);
        var flags = Expect(ref bytes, "array flags", MatType.UInt32);
        if (flags.Length != 8) throw Broken($"array flags have {flags.Length} bytes");
        var dimensions = Dimensions(Expect(ref bytes, "dimensions", MatType.Int32), out var count);
        var array = new MatArray(Encoding.Latin1.GetString(Expect(ref bytes, "name", MatType.Int8, MatType.UInt8, MatType.Utf8)), dimensions);
        switch (flags[0])
        {
            case 1:
                return array with { Items = Matrices(ref bytes, count, depth) };
            case 2:
                var fields = FieldNames(ref bytes);
                return array with { Fields = fields, Items = Matrices(ref bytes, count * fields.Length, depth) };
            case 4:
                return array with { Text = Text(count == 0 && bytes.Length == 0 ? default : MatElement.Take(ref bytes), count) };
            case >= 6 and <= 15:
                var numbers = MatElement.Take(ref bytes).Numbers();         // the imaginary part, where there is one, is of no interest
                return numbers.Length == count ? array with { Numbers = numbers } : throw Broken($"an array of {count} elements has {numbers.Length} numbers");
            default:
                throw Broken($"an array is of class {flags[0]}, which is not read (objects, sparse arrays)");
        }
    }

    private static ReadOnlySpan<byte> Expect(ref ReadOnlySpan<byte> bytes, string what, params ReadOnlySpan<MatType> types)
    {
        var element = MatElement.Take(ref bytes);
        return types.Contains(element.Type) ? element.Data : throw Broken($"{what} are of type {(int)element.Type}");
    }

    private static int[] Dimensions(ReadOnlySpan<byte> data, out long count)
    {
        if (data.Length is < 8 or > 32 * 4 || data.Length % 4 != 0) throw Broken($"an array's dimensions have {data.Length} bytes");
        var dimensions = new int[data.Length / 4];
        count = 1;
        for (var i = 0; i < dimensions.Length; i++)
        {
            dimensions[i] = BinaryPrimitives.ReadInt32LittleEndian(data[(4 * i)..]);
            if (dimensions[i] < 0 || (count *= dimensions[i]) > MaxInflatedBytes) throw Broken("an array's dimensions are absurd");
        }
        return dimensions;
    }

    private static string[] FieldNames(ref ReadOnlySpan<byte> bytes)
    {
        var length = Expect(ref bytes, "the field name length", MatType.Int32);
        var stride = length.Length == 4 ? BinaryPrimitives.ReadInt32LittleEndian(length) : 0;
        var names = Expect(ref bytes, "field names", MatType.Int8);
        if (stride < 1 || names.Length % stride != 0) throw Broken("a struct's field names do not fit their length");
        var fields = new string[names.Length / stride];
        for (var i = 0; i < fields.Length; i++)
        {
            var name = names.Slice(i * stride, stride);
            fields[i] = Encoding.ASCII.GetString(name.IndexOf((byte)0) is >= 0 and var end ? name[..end] : name);
        }
        return fields;
    }

    private static MatArray[] Matrices(ref ReadOnlySpan<byte> bytes, long count, int depth)
    {
        if (count > bytes.Length / 8) throw Broken($"{count} elements are claimed where {bytes.Length} bytes are left");    // a tag has 8 bytes
        var items = new MatArray[count];
        for (var i = 0; i < items.Length; i++)
            items[i] = MatElement.Take(ref bytes) is { Type: MatType.Matrix } element
                ? Matrix(element.Data, depth + 1)
                : throw Broken("an element of a cell or struct is no array");
        return items;
    }

    private static string Text(MatElement element, long count)
    {
        if (count == 0) return "";
        var text = element.Type switch
        {
            MatType.UInt16 or MatType.Utf16 when element.Data.Length % 2 == 0 => Encoding.Unicode.GetString(element.Data),
            MatType.Utf8 => Encoding.UTF8.GetString(element.Data),
            MatType.Int8 or MatType.UInt8 => Encoding.Latin1.GetString(element.Data),
            _ => throw Broken($"text is stored as type {(int)element.Type}"),
        };
        return text;
    }

    internal static InvalidDataException Broken(string why) => new($"Not a valid MAT-file: {why}.");
}
