using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.ViTPruning.Data;

/// <summary>In which of the accepted forms a column holds images.</summary>
internal enum ImageColumnKind
{
    /// <summary><see cref="MLImage"/>.</summary>
    Image,

    /// <summary>An encoded file: a vector of bytes, of any size.</summary>
    Bytes,

    /// <summary>A path.</summary>
    Path,

    /// <summary>Planes R, G, B with values 0..255, already of the model's size: a vector of 3 * S * S Single.</summary>
    Planes,
}

internal static class ImageColumnKinds
{
    /// <summary>The form of a column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column has none of the accepted types.</exception>
    public static ImageColumnKind Of(DataViewSchema.Column column, int imageSize, string parameter = "inputSchema") => column.Type switch
    {
        ImageDataViewType => ImageColumnKind.Image,
        TextDataViewType => ImageColumnKind.Path,
        VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Byte => ImageColumnKind.Bytes,
        VectorDataViewType { ItemType: var item, Size: var size } when item == NumberDataViewType.Single && size == 3 * imageSize * imageSize => ImageColumnKind.Planes,
        var other => throw Mismatch(column.Name, imageSize, other.ToString()!, parameter),
    };

    /// <summary>The form of a column of a schema before data is there; a vector's size is not known yet.</summary>
    /// <param name="column">The column's shape.</param>
    /// <param name="imageSize">The model's input size, or 0 where no model is loaded yet.</param>
    /// <param name="parameter">The name to report.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column has none of the accepted types.</exception>
    public static ImageColumnKind Of(SchemaShape.Column column, int imageSize = 0, string parameter = "inputSchema") => (column.Kind, column.ItemType) switch
    {
        (SchemaShape.Column.VectorKind.Scalar, ImageDataViewType) => ImageColumnKind.Image,
        (SchemaShape.Column.VectorKind.Scalar, TextDataViewType) => ImageColumnKind.Path,
        (not SchemaShape.Column.VectorKind.Scalar, var item) when item == NumberDataViewType.Byte && !column.IsKey => ImageColumnKind.Bytes,
        (SchemaShape.Column.VectorKind.Vector, var item) when item == NumberDataViewType.Single => ImageColumnKind.Planes,
        _ => throw Mismatch(column.Name, imageSize, column.Kind == SchemaShape.Column.VectorKind.Scalar ? column.ItemType.ToString()! : $"{column.Kind} of {column.ItemType}", parameter),
    };

    private static ArgumentOutOfRangeException Mismatch(string name, int imageSize, string got, string parameter) => new(parameter,
        $"Schema mismatch for input column '{name}': expected image (MLImage), vector of Byte, text or vector of Single [{(imageSize > 0 ? 3 * imageSize * imageSize : "3*S*S")}], got {got}");
}
