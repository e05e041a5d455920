using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Data;

/// <summary>A data set of images, as its data view needs it. All members are safe for concurrent use.</summary>
internal interface IImageRows
{
    /// <summary>Number of rows.</summary>
    int Count { get; }

    /// <summary>The type of the image column.</summary>
    DataViewType ImageType { get; }

    /// <summary>The annotations of the image column, or null.</summary>
    DataViewSchema.Annotations? ImageAnnotations => null;

    /// <summary>Whether decoding takes long enough to be done ahead on other threads.</summary>
    bool DecodesAhead { get; }

    /// <summary>The columns beside the image.</summary>
    IReadOnlyList<SideColumn> SideColumns { get; }

    /// <summary>Decodes a row's image.</summary>
    /// <param name="row">0 to <see cref="Count"/> - 1.</param>
    /// <param name="mayHold">Asked with the decoded size in bytes before anything is decoded; null never refuses.</param>
    /// <returns>The image, owned by the caller, or null where <paramref name="mayHold"/> refused.</returns>
    MLImage? Decode(int row, Func<long, bool>? mayHold);
}

/// <summary>A column that costs nothing to read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Annotations">Its annotations, or null.</param>
/// <param name="Getter">Makes a <see cref="ValueGetter{TValue}"/> from a function that gives the present row.</param>
internal sealed record SideColumn(string Name, DataViewType Type, DataViewSchema.Annotations? Annotations, Func<Func<int>, Delegate> Getter);
