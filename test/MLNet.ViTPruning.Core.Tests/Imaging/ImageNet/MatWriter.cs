using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace MLNet.ViTPruning.Tests.Imaging.ImageNet;

/// <summary>Writes level 5 MAT-files as MATLAB does, for the reader's tests.</summary>
internal static class MatWriter
{
    public static byte[] File(bool compressed, params byte[][] arrays)
    {
        var header = new byte[128];
        Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file").CopyTo(header, 0);
        header[125] = 1;
        (header[126], header[127]) = ((byte)'I', (byte)'M');
        return [.. header, .. arrays.SelectMany(a => compressed ? Compressed(a) : a)];
    }

    /// <summary>meta.mat: synsets with an id, a wnid and a few fields that are not needed.</summary>
    public static byte[] Synsets(params (int Id, string Wnid)[] synsets) => Struct("synsets", [synsets.Length, 1],
        ["ILSVRC2012_ID", "WNID", "words", "children"],
        [.. synsets.SelectMany(s => new[] { Numbers("", [1, 1], 2, [(byte)s.Id, (byte)(s.Id >> 8)], 4), Chars(s.Wnid), Chars("some, words"), Numbers("", [0, 0], 9, []) })]);

    public static byte[] Struct(string name, int[] dimensions, string[] fields, byte[][] items) => Matrix(2, name, dimensions,
        [.. Element(5, Int32(32)), .. Element(1, [.. fields.SelectMany(f => Encoding.ASCII.GetBytes(f.PadRight(32, '\0')))]), .. items.SelectMany(i => i)]);

    public static byte[] Cell(string name, byte[][] items) => Matrix(1, name, [1, items.Length], [.. items.SelectMany(i => i)]);

    public static byte[] Chars(string text, string name = "") => Matrix(4, name, [1, text.Length], Element(4, Encoding.Unicode.GetBytes(text)));

    /// <summary>A double array (class 6) whose numbers are stored as the given type.</summary>
    public static byte[] Numbers(string name, int[] dimensions, int type, byte[] data, int miType = 0) =>
        Matrix(6, name, dimensions, Element(miType == 0 ? type : miType, data));

    public static byte[] Matrix(int kind, string name, int[] dimensions, byte[] content) => Element(14,
        [.. Element(6, [(byte)kind, 0, 0, 0, 0, 0, 0, 0]), .. Element(5, [.. dimensions.SelectMany(Int32)]), .. Element(1, Encoding.ASCII.GetBytes(name)), .. content]);

    public static byte[] Element(int type, byte[] data)
    {
        if (data.Length is > 0 and <= 4) return [(byte)type, 0, (byte)data.Length, 0, .. data, .. new byte[4 - data.Length]];
        return [.. Int32(type), .. Int32(data.Length), .. data, .. new byte[(8 - data.Length % 8) % 8]];
    }

    public static byte[] Compressed(byte[] element)
    {
        var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(element);
        var data = stream.ToArray();
        return [.. Int32(15), .. Int32(data.Length), .. data];
    }

    public static byte[] Int32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
