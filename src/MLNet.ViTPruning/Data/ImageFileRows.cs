using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Data;

/// <summary>Image files as rows: Image, Label, ImagePath.</summary>
internal sealed class ImageFileRows : IImageRows
{
    private const string ImagePath = "ImagePath";

    private readonly LabelledFiles _files;
    private readonly long _maxPixels;

    public ImageFileRows(LabelledFiles files, IReadOnlyList<string>? labelNames, long maxPixels)
    {
        if (maxPixels < 1) throw new ArgumentOutOfRangeException(nameof(maxPixels), maxPixels, "Expected at least 1.");
        (_files, _maxPixels) = (files, maxPixels);
        var order = LabelColumn.Order(files.LabelNames, labelNames);
        SideColumns =
        [
            LabelColumn.Create("Label", labelNames ?? files.LabelNames, row => order is null ? files.Labels[row] : order[files.Labels[row]]),
            new SideColumn(ImagePath, TextDataViewType.Instance, null,
                row => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> path) => path = files.FullPath(row()).AsMemory())),
        ];
    }

    public int Count => _files.Count;

    public DataViewType ImageType { get; } = new ImageDataViewType();

    public DataViewSchema.Annotations ImageAnnotations => ImageFiles.Annotate(ImagePath, _maxPixels);

    public bool DecodesAhead => true;

    public IReadOnlyList<SideColumn> SideColumns { get; }

    public MLImage? Decode(int row, Func<long, bool>? mayHold)
    {
        var path = _files.FullPath(row);
        var image = ImageDecoding.DecodeFile(path, _maxPixels, mayHold);
        if (image is not null) image.Tag = path;
        return image;
    }
}
