using System.Globalization;

namespace MLNet.ViTPruning.Imaging.ImageNet;

/// <summary>The labels of the flat validation images, by file name.</summary>
internal sealed class ValidationLabels
{
    private const string Truth = "ILSVRC2012_validation_ground_truth.txt";
    private const string Meta = "meta.mat";
    private const string Csv = "LOC_val_solution.csv";
    private const string Stem = "ILSVRC2012_val_";
    private const long MaxTextBytes = 1L << 26;

    private readonly string _source;
    private readonly Dictionary<string, int> _byStem;

    private ValidationLabels(string source, Dictionary<string, int> byStem) => (_source, _byStem) = (source, byStem);

    /// <summary>Looks for the devkit's two files, then for Kaggle's table.</summary>
    /// <returns>Null where none of the folders has them.</returns>
    /// <exception cref="InvalidDataException">A file is broken.</exception>
    public static ValidationLabels? Find(IReadOnlyList<string> folders)
    {
        string[] kits = ["", "data", Path.Combine("ILSVRC2012_devkit_t12", "data"), Path.Combine("devkit", "data")];
        foreach (var folder in folders.SelectMany(f => kits.Select(kit => Path.Combine(f, kit))))
            if (File.Exists(Path.Combine(folder, Truth)) && File.Exists(Path.Combine(folder, Meta)))
                return FromDevkit(Path.Combine(folder, Truth), Path.Combine(folder, Meta));
        return folders.Select(folder => Path.Combine(folder, Csv)).FirstOrDefault(File.Exists) is { } csv ? FromCsv(csv) : null;
    }

    /// <summary>The label of a file: its class's position in <see cref="ImageNetClasses"/>.</summary>
    public int Of(string fileName) => _byStem.TryGetValue(Path.GetFileNameWithoutExtension(fileName), out var label)
        ? label
        : throw new InvalidDataException($"'{_source}' has no label for the image '{fileName}'.");

    // Line k is the class of the image whose name ends in number k, as one of meta.mat's ILSVRC2012_ID: neither of them is the sorted position.
    private static ValidationLabels FromDevkit(string truth, string meta)
    {
        var wnids = Synsets(meta);
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in Lines(truth))
        {
            var number = labels.Count + 1;
            if (!int.TryParse(line.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || !wnids.TryGetValue(id, out var wnid))
                throw new InvalidDataException($"'{truth}', line {number}: '{Shorten(line)}' is no ILSVRC2012_ID of {Meta}.");
            labels.Add(Stem + number.ToString("00000000", CultureInfo.InvariantCulture), Index(wnid, meta));
        }
        return new(truth, labels);
    }

    private static Dictionary<int, string> Synsets(string meta)
    {
        var synsets = Mat5File.Read(meta).FirstOrDefault(array => array.Name == "synsets");
        if (synsets?.Field("ILSVRC2012_ID") is not { } ids || synsets.Field("WNID") is not { } names)
            throw new InvalidDataException($"'{meta}' has no struct 'synsets' with the fields ILSVRC2012_ID and WNID.");
        var wnids = new Dictionary<int, string>();
        foreach (var (id, name) in ids.Zip(names))
        {
            if (id.Numbers is not [>= 1 and <= 1_000_000 and var value] || value != (int)value || name.Text is not { } wnid || !wnids.TryAdd((int)value, wnid))
                throw new InvalidDataException($"'{meta}': a synset has no ILSVRC2012_ID of its own, or no WNID.");
        }
        return wnids;
    }

    // ImageId,PredictionString: the first word of the second column is the wnid, boxes follow.
    private static ValidationLabels FromCsv(string csv)
    {
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in Lines(csv).Skip(1))
        {
            var comma = line.IndexOf(',');
            var wnid = line[(comma + 1)..].TrimStart().Split(' ', 2)[0];
            if (comma < 1 || !labels.TryAdd(line[..comma], Index(wnid, csv)))
                throw new InvalidDataException($"'{csv}': '{Shorten(line)}' is not 'image,wnid ...', or the image occurs twice.");
        }
        return new(csv, labels);
    }

    private static int Index(string wnid, string source) => ImageNetClasses.IndexOf(wnid) is >= 0 and var index
        ? index
        : throw new InvalidDataException($"'{source}': '{Shorten(wnid)}' is none of ImageNet's 1000 wnids.");

    private static IEnumerable<string> Lines(string path)
    {
        if (new FileInfo(path).Length > MaxTextBytes) throw new InvalidDataException($"'{path}' has more than {MaxTextBytes} bytes.");
        return File.ReadLines(path).Where(line => line.Length > 0);
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "...";
}
