using System.Collections.Frozen;

namespace MLNet.ViTPruning.Imaging;

/// <summary>The 1000 classes of ImageNet-1k in the order of a model's outputs, which is the order of the sorted wnids.</summary>
public static class ImageNetClasses
{
    private static readonly string[][] Rows = Read();
    private static readonly FrozenDictionary<string, int> Index =
        Rows.Select((row, i) => KeyValuePair.Create(row[0], i)).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>WordNet ids such as <c>n01440764</c>; the label names of 1000-class models.</summary>
    public static IReadOnlyList<string> Wnids { get; } = [.. Rows.Select(row => row[0])];

    /// <summary>English names such as <c>tench</c>, in the same order. Two of them occur twice (crane, maillot): tell classes apart by wnid.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Rows.Select(row => row[1])];

    /// <summary>The position of a wnid, 0 to 999, or -1 where it is none of the 1000.</summary>
    public static int IndexOf(string wnid) => Index.GetValueOrDefault(wnid, -1);

    private static string[][] Read()
    {
        using var stream = typeof(ImageNetClasses).Assembly.GetManifestResourceStream("imagenet_classes.txt")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];
    }
}
