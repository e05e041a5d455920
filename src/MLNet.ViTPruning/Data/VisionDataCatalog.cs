using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Imaging.ImageNet;

namespace Microsoft.ML;

/// <summary>Loads image data sets: <c>mlContext.Data.LoadCifar100(...)</c> and its like.</summary>
/// <remarks>All of them give a lazy data view with a known row count that can be shuffled and read by many cursors at once.
/// Images are decoded only where the column Image is asked for; files then on several threads ahead of the reader, at most 32
/// images and 256 MiB. An image belongs to who reads it. A broken one gives an <see cref="InvalidDataException"/> that names its file when its row is read.</remarks>
public static class VisionDataCatalog
{
    /// <summary>Loads a part of CIFAR-100.</summary>
    /// <param name="catalog">The data catalog.</param>
    /// <param name="folder">Holds the official binary files <c>train.bin</c> and <c>test.bin</c>, or the python version's
    /// <c>train</c>, <c>test</c> and <c>meta</c>.</param>
    /// <param name="split">The part.</param>
    /// <param name="limit">Takes this many rows, spread evenly over the part; null takes all.</param>
    /// <param name="labelNames">A model's label names, to give Label in their order; null gives the data set's own.</param>
    /// <returns>Columns Image (<see cref="Data.MLImage"/>, 32 x 32), Label (key of 100) and CoarseLabel (key of 20), each key
    /// with its names as KeyValues.</returns>
    /// <exception cref="FileNotFoundException">The folder has neither version.</exception>
    /// <exception cref="InvalidDataException">A file is broken.</exception>
    /// <exception cref="ArgumentException">The split, the limit or the label names do not fit.</exception>
    public static IDataView LoadCifar100(this DataOperationsCatalog catalog, string folder, Cifar100Split split, int? limit = null,
        IReadOnlyList<string>? labelNames = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new ImageRowsView(new Cifar100Rows(Cifar100Set.Open(folder, split, limit), labelNames));
    }

    /// <summary>Loads a part of ImageNet-1k. Its label names are the 1000 wnids in sorted order, even if the folder lacks some;
    /// names for people stand in <see cref="ImageNetClasses.Names"/>.</summary>
    /// <param name="catalog">The data catalog.</param>
    /// <param name="folder">Holds <c>train</c> and <c>val</c> (or Kaggle's <c>ILSVRC/Data/CLS-LOC</c> with them), each with one
    /// folder per wnid. Validation images may also stand flat in <c>val</c>; their labels then come from the devkit's
    /// <c>ILSVRC2012_validation_ground_truth.txt</c> and <c>meta.mat</c>, or from <c>LOC_val_solution.csv</c>.</param>
    /// <param name="split">The part. Rows stand in the ordinal order of their paths.</param>
    /// <param name="limit">Takes this many rows, spread evenly over the part; null takes all.</param>
    /// <param name="labelNames">A model's label names, to give Label in their order; null gives the 1000 wnids.</param>
    /// <param name="maxPixels">Width x height of an image that is decoded at most; 100 million unless given.</param>
    /// <returns>Columns Image (<see cref="Data.MLImage"/>), Label (key of 1000 with the wnids as KeyValues) and ImagePath (text,
    /// the whole path).</returns>
    /// <exception cref="DirectoryNotFoundException">The folder, or the part in it, is missing.</exception>
    /// <exception cref="InvalidDataException">The labels are missing or broken, a folder is none of the wnids, or there is no
    /// image.</exception>
    /// <exception cref="ArgumentException">The split, the limit, the pixels or the label names do not fit.</exception>
    public static IDataView LoadImageNet(this DataOperationsCatalog catalog, string folder, ImageNetSplit split, int? limit = null,
        IReadOnlyList<string>? labelNames = null, long maxPixels = 100_000_000)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new ImageRowsView(new ImageFileRows(ImageNetFiles.Find(folder, split, limit), labelNames, maxPixels));
    }

    /// <summary>Loads a folder with one subfolder per class, whose name is the label. Labels are in the ordinal order of the
    /// names, rows in that of the paths.</summary>
    /// <param name="catalog">The data catalog.</param>
    /// <param name="folder">The folder above the class folders. JPEG, PNG and BMP files are read; what starts with a dot is left
    /// out.</param>
    /// <param name="limit">Takes this many rows, spread evenly; null takes all.</param>
    /// <param name="labelNames">A model's label names, to give Label in their order; every folder must be one of them. Null gives
    /// the folders' names.</param>
    /// <param name="maxPixels">Width x height of an image that is decoded at most; 100 million unless given.</param>
    /// <returns>Columns Image (<see cref="Data.MLImage"/>), Label (key with the names as KeyValues) and ImagePath (text, the
    /// whole path).</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">It has no class folders, or they hold no image.</exception>
    /// <exception cref="ArgumentException">The limit, the pixels or the label names do not fit.</exception>
    public static IDataView LoadImageFolder(this DataOperationsCatalog catalog, string folder, int? limit = null, IReadOnlyList<string>? labelNames = null,
        long maxPixels = 100_000_000)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        RowSelection.Check(limit);
        var files = LabelledFiles.FromClassFolders(folder);
        return new ImageRowsView(new ImageFileRows(files.Select(RowSelection.Evenly(0, files.Count, limit)), labelNames, maxPixels));
    }
}
