namespace MLNet.ViTPruning.Imaging;

/// <summary>Image files with a label each.</summary>
/// <param name="Root">The folder that the paths start from.</param>
/// <param name="Paths">Relative paths with forward slashes, in ordinal order.</param>
/// <param name="Labels">Position of each file's label among the names.</param>
/// <param name="LabelNames">All label names, those without a file included.</param>
internal sealed record LabelledFiles(string Root, string[] Paths, int[] Labels, IReadOnlyList<string> LabelNames)
{
    private static readonly string[] Extensions = [".jpeg", ".jpg", ".png", ".bmp"];

    public int Count => Paths.Length;

    public string FullPath(int index) => Path.Combine(Root, Paths[index].Replace('/', Path.DirectorySeparatorChar));

    /// <summary>The rows at the given positions.</summary>
    public LabelledFiles Select(int[] rows) => this with { Paths = [.. rows.Select(i => Paths[i])], Labels = [.. rows.Select(i => Labels[i])] };

    /// <summary>One folder per class: its name is the label, and labels are in ordinal order. Folders and files whose name starts with a
    /// dot, and files that are no images by their extension, are left out.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">It has no class folders, or they hold no image.</exception>
    public static LabelledFiles FromClassFolders(string root)
    {
        var names = Folders(root);
        return FromClassFolders(root, names, names, name => Array.IndexOf(names, name));
    }

    /// <summary>The same with label names of the caller's; every folder must be one of them.</summary>
    public static LabelledFiles FromClassFolders(string root, string[] folders, IReadOnlyList<string> labelNames, Func<string, int> indexOf)
    {
        var files = new List<(string Path, int Label)>();
        foreach (var folder in folders)
        {
            var label = indexOf(folder);
            files.AddRange(Images(Path.Combine(root, folder)).Select(name => ($"{folder}/{name}", label)));
        }
        return Create(root, files, labelNames);
    }

    public static LabelledFiles Create(string root, List<(string Path, int Label)> files, IReadOnlyList<string> labelNames)
    {
        if (files.Count == 0)
            throw new InvalidDataException($"'{root}' holds no images: expected one folder per class with {string.Join(", ", Extensions)} files in it.");
        files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return new(root, [.. files.Select(f => f.Path)], [.. files.Select(f => f.Label)], labelNames);
    }

    /// <summary>The names of a folder's subfolders in ordinal order.</summary>
    public static string[] Folders(string root)
    {
        if (!Directory.Exists(root)) throw new DirectoryNotFoundException($"There is no folder '{root}'.");
        var names = Directory.GetDirectories(root).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith('.')).ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    /// <summary>The names of a folder's image files, in no order.</summary>
    public static IEnumerable<string> Images(string folder) => Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))
        .Where(name => !name.StartsWith('.') && Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase));
}
