using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Data;

/// <summary>Says on an image column that its images are the files of a path column, so that who keeps them need not decode them.</summary>
/// <remarks>It stands in two annotations of the image column. Whoever makes another image of the same name makes a column without them.</remarks>
/// <param name="Paths">The path column.</param>
/// <param name="MaxPixels">Width x height that is decoded at most.</param>
internal sealed record ImageFiles(DataViewSchema.Column Paths, long MaxPixels)
{
    private const string PathColumn = "ViTImagePathColumn";
    private const string MostPixels = "ViTImageMaxPixels";

    public static DataViewSchema.Annotations Annotate(string pathColumnName, long maxPixels)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.AddPrimitiveValue(PathColumn, TextDataViewType.Instance, pathColumnName.AsMemory());
        builder.AddPrimitiveValue(MostPixels, NumberDataViewType.Int64, maxPixels);
        return builder.ToAnnotations();
    }

    /// <summary>What an image column says, or null.</summary>
    public static ImageFiles? Of(DataViewSchema schema, DataViewSchema.Column image)
    {
        if (image.Annotations.Schema.GetColumnOrNull(PathColumn)?.Type is not TextDataViewType
            || image.Annotations.Schema.GetColumnOrNull(MostPixels)?.Type != NumberDataViewType.Int64) return null;
        ReadOnlyMemory<char> name = default;
        image.Annotations.GetValue(PathColumn, ref name);
        long maxPixels = 0;
        image.Annotations.GetValue(MostPixels, ref maxPixels);
        return schema.GetColumnOrNull(name.ToString()) is { Type: TextDataViewType } paths ? new(paths, maxPixels) : null;
    }
}
