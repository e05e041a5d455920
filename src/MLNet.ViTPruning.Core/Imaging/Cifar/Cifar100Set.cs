namespace MLNet.ViTPruning.Imaging;

/// <summary>A part of CIFAR-100 on disk: the official binary files, or the python version.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class Cifar100Set
{
    private readonly ICifar100Rows _rows;
    private readonly int[] _selected;

    private Cifar100Set(ICifar100Rows rows, int[] selected, IReadOnlyList<string> fineNames, IReadOnlyList<string> coarseNames) =>
        (_rows, _selected, FineNames, CoarseNames) = (rows, selected, fineNames, coarseNames);

    /// <summary>Number of images.</summary>
    public int Count => _selected.Length;

    /// <summary>The 100 fine label names, in the order of the label bytes.</summary>
    public IReadOnlyList<string> FineNames { get; }

    /// <summary>The 20 coarse label names, in the order of the label bytes.</summary>
    public IReadOnlyList<string> CoarseNames { get; }

    /// <summary>Opens a part of the data set.</summary>
    /// <param name="folder">Holds <c>train.bin</c> or <c>test.bin</c> (binary version), else <c>train</c> or <c>test</c> (python version);
    /// its subfolders <c>cifar-100-binary</c> and <c>cifar-100-python</c> are looked at too. Label names come from
    /// <c>fine_label_names.txt</c>, <c>coarse_label_names.txt</c> or <c>meta</c>, else they are the official ones.</param>
    /// <param name="split">The part.</param>
    /// <param name="limit">Takes this many images, spread evenly over the part; null takes all.</param>
    /// <exception cref="FileNotFoundException">The folder has neither file.</exception>
    /// <exception cref="InvalidDataException">A file is broken.</exception>
    /// <exception cref="ArgumentException">The split is none of the four, or the limit is below 1.</exception>
    public static Cifar100Set Open(string folder, Cifar100Split split, int? limit = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Enum.IsDefined(split)) throw new ArgumentOutOfRangeException(nameof(split), split, "Expected Train, Fit, Validation or Test.");
        RowSelection.Check(limit);
        var name = split == Cifar100Split.Test ? "test" : "train";
        foreach (var place in new[] { folder, Path.Combine(folder, "cifar-100-binary"), Path.Combine(folder, "cifar-100-python") })
        {
            var (binary, python) = (Path.Combine(place, name + ".bin"), Path.Combine(place, name));
            if (File.Exists(binary))
                return Create(Cifar100BinaryRows.Open(binary), split, limit,
                    Cifar100Labels.Read(Path.Combine(place, "fine_label_names.txt"), Cifar100Labels.Fine),
                    Cifar100Labels.Read(Path.Combine(place, "coarse_label_names.txt"), Cifar100Labels.Coarse));
            if (File.Exists(python))
                return Create(Cifar100PythonRows.Open(python), split, limit,
                    Cifar100PythonRows.Names(Path.Combine(place, "meta"), "fine_label_names", Cifar100Labels.Fine),
                    Cifar100PythonRows.Names(Path.Combine(place, "meta"), "coarse_label_names", Cifar100Labels.Coarse));
        }
        throw new FileNotFoundException($"'{folder}' holds no CIFAR-100: expected {name}.bin (binary version) or {name} (python version).",
            Path.Combine(folder, name + ".bin"));
    }

    /// <summary>The fine label of an image, 0 to 99.</summary>
    public int FineLabel(int index) => _rows.Fine[_selected[index]];

    /// <summary>The coarse label of an image, 0 to 19.</summary>
    public int CoarseLabel(int index) => _rows.Coarse[_selected[index]];

    /// <summary>Copies an image's pixels.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="planar">Receives [3, 32, 32]: the planes R, G, B, 3072 bytes.</param>
    /// <exception cref="ArgumentException">The span is shorter.</exception>
    /// <exception cref="InvalidDataException">The file became shorter since it was opened.</exception>
    public void Read(int index, Span<byte> planar)
    {
        if (planar.Length < Cifar100Binary.ImageBytes)
            throw new ArgumentException($"planar has {planar.Length} bytes; expected {Cifar100Binary.ImageBytes}.", nameof(planar));
        _rows.Read(_selected[index], planar);
    }

    private static Cifar100Set Create(ICifar100Rows rows, Cifar100Split split, int? limit, IReadOnlyList<string> fine, IReadOnlyList<string> coarse)
    {
        var (all, validation) = (rows.Fine.Length, rows.Fine.Length / 10);
        var (start, count) = split switch
        {
            Cifar100Split.Fit => (0, all - validation),
            Cifar100Split.Validation => (all - validation, validation),
            _ => (0, all),
        };
        return new(rows, RowSelection.Evenly(start, count, limit), fine, coarse);
    }
}
