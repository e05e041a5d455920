using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

/// <summary>Makes an <see cref="MLImage"/> member of a row class an image column.</summary>
public sealed class ImageTypeAttribute : DataViewTypeAttribute
{
    private readonly int _height, _width;

    public ImageTypeAttribute() { }

    public ImageTypeAttribute(int height, int width)
    {
        if (height <= 0 || width <= 0) throw new ArgumentException($"An image's height and width are positive, not {height} x {width}.", height <= 0 ? nameof(height) : nameof(width));
        (_height, _width) = (height, width);
    }

    public override void Register() =>
        DataViewTypeManager.Register(_height == 0 ? new ImageDataViewType() : new ImageDataViewType(_height, _width), typeof(MLImage), this);

    public override bool Equals(DataViewTypeAttribute other) => other is ImageTypeAttribute image && image._height == _height && image._width == _width;
    public override bool Equals(object other) => other is ImageTypeAttribute image && Equals((DataViewTypeAttribute)image);
    public override int GetHashCode() => HashCode.Combine(_height, _width);
}
