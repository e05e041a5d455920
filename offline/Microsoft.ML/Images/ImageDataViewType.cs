using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

/// <summary>A column of <see cref="MLImage"/>, of one size or (0, 0) of any.</summary>
public sealed class ImageDataViewType : StructuredDataViewType
{
    public readonly int Height;
    public readonly int Width;

    public ImageDataViewType(int height, int width) : base(typeof(MLImage))
    {
        if (height <= 0 || width <= 0) throw new ArgumentException($"An image's height and width are positive, not {height} x {width}.", height <= 0 ? nameof(height) : nameof(width));
        if ((long)height * width > int.MaxValue / 4) throw new ArgumentException($"An image of {height} x {width} pixels does not fit into memory.", nameof(height));
        (Height, Width) = (height, width);
    }

    public ImageDataViewType() : base(typeof(MLImage)) { }

    public override bool Equals(DataViewType other) => other is ImageDataViewType image && image.Height == Height && image.Width == Width;
    public override bool Equals(object other) => other is DataViewType type && Equals(type);
    public override int GetHashCode() => HashCode.Combine(Height, Width);
    public override string ToString() => Height == 0 && Width == 0 ? "Image" : $"Image<{Height}, {Width}>";
}
