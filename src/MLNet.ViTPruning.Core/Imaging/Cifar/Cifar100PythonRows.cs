using MLNet.ViTPruning.Checkpoints.Pickle;
using static MLNet.ViTPruning.Imaging.Cifar100Binary;

namespace MLNet.ViTPruning.Imaging;

/// <summary>The images of the python version's file <c>train</c> or <c>test</c>: a pickled dict with an array <c>data</c> [N, 3072]
/// of bytes and the lists <c>fine_labels</c> and <c>coarse_labels</c>. It is held in memory; nothing in a pickle is run.</summary>
internal sealed class Cifar100PythonRows : ICifar100Rows
{
    private const long MaxFileBytes = 1L << 30;

    private readonly byte[] _data;

    private Cifar100PythonRows(byte[] data, byte[] fine, byte[] coarse) => (_data, Fine, Coarse) = (data, fine, coarse);

    public byte[] Fine { get; }

    public byte[] Coarse { get; }

    /// <exception cref="InvalidDataException">The file is no such pickle.</exception>
    public static Cifar100PythonRows Open(string path)
    {
        var content = Load(path);
        if (!content.TryGet("data", out NumpyArray? array) || array is not { Shape: [var count, ImageBytes], DType: "u1", IsFortran: false } || count == 0)
            throw new InvalidDataException($"'{path}' has no array 'data' of bytes [N, {ImageBytes}].");
        var (fine, coarse) = (Labels(path, content, "fine_labels", count), Labels(path, content, "coarse_labels", count));
        for (var i = 0; i < fine.Length; i++)
            if (Fault(fine[i], coarse[i]) is { } fault) throw new InvalidDataException($"'{path}': row {i} has {fault}.");
        return new(array.Data, [.. fine.Select(v => (byte)v)], [.. coarse.Select(v => (byte)v)]);
    }

    public void Read(int row, Span<byte> planar) => _data.AsSpan(row * ImageBytes, ImageBytes).CopyTo(planar);

    /// <summary>A list of names in the file <c>meta</c>, or the official names where there is no such file.</summary>
    public static IReadOnlyList<string> Names(string path, string key, IReadOnlyList<string> official)
    {
        if (!File.Exists(path)) return official;
        if (!Load(path).TryGet(key, out List<object?>? names)) throw new InvalidDataException($"'{path}' has no list '{key}'.");
        string[] texts = [.. names.Select(name => PickleText.Of(name) ?? throw new InvalidDataException($"'{path}': a name of '{key}' is no text."))];
        return Cifar100Labels.Check(path, texts, official.Count);
    }

    private static long[] Labels(string path, PickleDict content, string key, long count)
    {
        if (!content.TryGet(key, out List<object?>? labels) || labels.Count != count || !labels.All(label => label is long))
            throw new InvalidDataException($"'{path}' has no list '{key}' of {count} whole numbers.");
        return [.. labels.Select(label => (long)label!)];
    }

    private static PickleDict Load(string path)
    {
        if (new FileInfo(path).Length is var length and > MaxFileBytes)
            throw new InvalidDataException($"'{path}' has {length} bytes, more than any file of CIFAR-100's python version.");
        try
        {
            return RestrictedUnpickler.Load(File.ReadAllBytes(path), PickleAllowance.NumpyArrays) as PickleDict
                ?? throw new InvalidDataException("It holds no dict.");
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidDataException($"'{path}' is not a file of CIFAR-100's python version. {fault.Message}", fault);
        }
    }
}
