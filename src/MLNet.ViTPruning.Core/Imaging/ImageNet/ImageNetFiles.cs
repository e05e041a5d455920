namespace MLNet.ViTPruning.Imaging.ImageNet;

/// <summary>Finds ImageNet's images and their labels in the layouts that people have.</summary>
/// <remarks>Labels are always positions in <see cref="ImageNetClasses"/>, whichever folders are there. A file's place in a
/// folder never says its label.</remarks>
internal static class ImageNetFiles
{
    private static readonly string[] Prefixes = ["", "ILSVRC/Data/CLS-LOC", "Data/CLS-LOC"];

    /// <exception cref="DirectoryNotFoundException">The folder holds no <c>train</c> or <c>val</c>.</exception>
    /// <exception cref="InvalidDataException">A folder is none of the 1000 wnids, the labels of flat images are missing or broken, or there is no image.</exception>
    public static LabelledFiles Find(string folder, ImageNetSplit split, int? limit)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Enum.IsDefined(split)) throw new ArgumentOutOfRangeException(nameof(split), split, "Expected Train, Val, ValEven or ValOdd.");
        RowSelection.Check(limit);
        var root = Root(folder, split == ImageNetSplit.Train ? "train" : "val");
        var names = LabelledFiles.Folders(root);
        var files = names.Length > 0 || split == ImageNetSplit.Train ? InWnidFolders(root, names) : Flat(folder, root);
        var part = split switch
        {
            ImageNetSplit.ValEven => Enumerable.Range(0, (files.Count + 1) / 2).Select(i => 2 * i).ToArray(),
            ImageNetSplit.ValOdd => Enumerable.Range(0, files.Count / 2).Select(i => 2 * i + 1).ToArray(),
            _ => Enumerable.Range(0, files.Count).ToArray(),
        };
        return files.Select([.. RowSelection.Evenly(0, part.Length, limit).Select(i => part[i])]);
    }

    private static string Root(string folder, string name)
    {
        foreach (var prefix in Prefixes)
            if (Path.Combine(folder, prefix, name) is var root && Directory.Exists(root)) return root;
        throw new DirectoryNotFoundException(Directory.Exists(folder)
            ? $"'{folder}' holds no ImageNet: expected a folder '{name}' in it, with one folder per wnid "
                + "(or, for val, the flat images with the devkit or LOC_val_solution.csv)."
            : $"There is no folder '{folder}'.");
    }

    private static LabelledFiles InWnidFolders(string root, string[] names)
    {
        var unknown = names.Where(name => ImageNetClasses.IndexOf(name) < 0).ToArray();
        if (unknown.Length > 0)
            throw new InvalidDataException($"'{root}' has {unknown.Length} folders that are none of ImageNet's 1000 wnids, such as '{unknown[0]}'. "
                + "For other classes load it as an image folder.");
        return LabelledFiles.FromClassFolders(root, names, ImageNetClasses.Wnids, ImageNetClasses.IndexOf);
    }

    private static LabelledFiles Flat(string folder, string root)
    {
        var labels = ValidationLabels.Find([folder, root, .. Prefixes.Skip(1).Select(prefix => Path.Combine(folder, prefix))])
            ?? throw new InvalidDataException($"'{root}' holds flat images and nothing says their labels: "
                + "put ILSVRC2012_validation_ground_truth.txt and meta.mat (from the devkit's folder 'data') or LOC_val_solution.csv "
                + $"into '{folder}', or sort the images into one folder per wnid.");
        return LabelledFiles.Create(root, [.. LabelledFiles.Images(root).Select(name => (name, labels.Of(name)))], ImageNetClasses.Wnids);
    }
}
