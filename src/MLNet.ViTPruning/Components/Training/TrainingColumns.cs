using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Components;

/// <summary>Where a data view holds what a training reads, and which class a label is.</summary>
internal sealed class TrainingColumns
{
    private readonly int[]? _classOfKey;
    private readonly IReadOnlyList<string>? _names;

    private TrainingColumns(DataViewSchema.Column label, DataViewSchema.Column image, long maxPixels, int[]? classOfKey)
    {
        Label = label;
        Image = image;
        MaxPixels = maxPixels;
        _classOfKey = classOfKey;
        _names = LabelNames.Of(label);
    }

    public DataViewSchema.Column Label { get; }

    /// <summary>Images, or paths where the data set says that the images are those of a path column: then nothing needs to be decoded to be kept.</summary>
    public DataViewSchema.Column Image { get; }

    public long MaxPixels { get; }

    /// <param name="schema">The data's.</param>
    /// <param name="labelColumnName">The label: a key.</param>
    /// <param name="imageColumnName">The image, in any accepted form.</param>
    /// <param name="model">The model that is trained.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="ArgumentException">The label and the model have no class in common.</exception>
    public static TrainingColumns Of(DataViewSchema schema, string labelColumnName, string imageColumnName, ModelConfiguration model)
    {
        var label = LabelClasses.Column(schema, labelColumnName);
        var map = LabelNames.Map(label, model);
        if (map is null && ((KeyDataViewType)label.Type).Count is var count && count > (ulong)model.NumClasses) throw new ArgumentException(
            $"The label column '{labelColumnName}' has {count} classes; the model has {model.NumClasses}, and there are no names to match them by.");
        var image = schema.GetColumnOrNull(imageColumnName)
            ?? throw new ArgumentOutOfRangeException("inputSchema", $"Could not find input column '{imageColumnName}'");
        var kind = ImageColumnKinds.Of(image, model.ImageSize);
        if (kind == ImageColumnKind.Planes && model.Preprocessing.ResizeShorterSide is { } side && side != model.ImageSize) throw new ArgumentOutOfRangeException("inputSchema",
            $"Schema mismatch for input column '{imageColumnName}': expected image (MLImage), vector of Byte or text, got planar values: this model's images are resized to {side} before they are cut to {model.ImageSize}, which planes are not");
        var files = ImageFiles.Of(schema, image);
        return new(label, files?.Paths ?? image, files?.MaxPixels ?? ImageHeader.DefaultMaxPixels, map);
    }

    /// <summary>The model's class, from 0, of a key.</summary>
    /// <param name="key">The key; 0 means missing.</param>
    /// <param name="row">The row, for messages.</param>
    /// <exception cref="InvalidDataException">The label is missing, or the model has no such class.</exception>
    public int ClassOf(uint key, long row)
    {
        if (key == 0) throw new InvalidDataException($"Row {row} has no label in column '{Label.Name}': leave such rows out of the training data.");
        if (_classOfKey is null) return (int)key - 1;
        return _classOfKey[key - 1] is >= 0 and var index ? index : throw new InvalidDataException(
            $"Row {row} has the label '{_names![(int)key - 1]}' in column '{Label.Name}', which is none of the model's classes.");
    }
}
