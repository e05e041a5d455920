using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Data;

/// <summary>CIFAR-100 as rows: Image, Label, CoarseLabel.</summary>
internal sealed class Cifar100Rows : IImageRows
{
    private const int Pixels = Cifar100Binary.Side * Cifar100Binary.Side;

    private readonly Cifar100Set _set;

    public Cifar100Rows(Cifar100Set set, IReadOnlyList<string>? labelNames)
    {
        _set = set;
        var order = LabelColumn.Order(set.FineNames, labelNames);
        SideColumns =
        [
            LabelColumn.Create("Label", labelNames ?? set.FineNames, order is null ? set.FineLabel : row => order[set.FineLabel(row)]),
            LabelColumn.Create("CoarseLabel", set.CoarseNames, set.CoarseLabel),
        ];
    }

    public int Count => _set.Count;

    public DataViewType ImageType { get; } = new ImageDataViewType(Cifar100Binary.Side, Cifar100Binary.Side);

    public bool DecodesAhead => false;          // nothing is encoded: a copy of 3 KB

    public IReadOnlyList<SideColumn> SideColumns { get; }

    public MLImage Decode(int row, Func<long, bool>? mayHold)
    {
        Span<byte> planar = stackalloc byte[3 * Pixels];
        Span<byte> rgba = stackalloc byte[4 * Pixels];
        _set.Read(row, planar);
        for (var i = 0; i < Pixels; i++)
        {
            rgba[4 * i] = planar[i];
            rgba[4 * i + 1] = planar[Pixels + i];
            rgba[4 * i + 2] = planar[2 * Pixels + i];
            rgba[4 * i + 3] = 255;
        }
        return MLImage.CreateFromPixels(Cifar100Binary.Side, Cifar100Binary.Side, MLPixelFormat.Rgba32, rgba);
    }
}
