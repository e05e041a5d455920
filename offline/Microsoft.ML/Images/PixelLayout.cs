using Microsoft.ML.Data;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;

namespace Microsoft.ML.Transforms.Image;

/// <summary>Which channels of an image stand where in a vector, and how their values become numbers.</summary>
internal sealed record PixelLayout(ColorBits Colors, ColorsOrder Order, bool Interleave, float Offset, float Scale)
{
    internal int Planes => Channels().Length;

    internal int[] Dimensions(int height, int width) => Interleave ? [height, width, Planes] : [Planes, height, width];

    /// <summary>The chosen channels in order, as A, R, G and B.</summary>
    internal char[] Channels() => [.. Order.ToString().Where(c => Colors.HasFlag(BitOf(c)))];

    internal void Validate()
    {
        if (Colors == 0 || (Colors & ~ColorBits.All) != 0)
            throw new ArgumentException($"Colours {(int)Colors} name no channel; use a combination of Alpha, Red, Green and Blue.", "colorsToExtract");
        if (!Enum.IsDefined(Order)) throw new ArgumentException($"There is no order {(int)Order}.", "orderOfExtraction");
    }

    /// <summary>Where the vector's values stand in the image's bytes: for each channel the byte in a pixel.</summary>
    internal int[] BytesIn(MLPixelFormat format) =>
        [.. Channels().Select(c => c switch { 'A' => 3, 'G' => 1, 'R' => format == MLPixelFormat.Bgra32 ? 2 : 0, _ => format == MLPixelFormat.Bgra32 ? 0 : 2 })];

    internal void Read(MLImage image, Span<byte> values)
    {
        var pixels = image.Pixels;
        var bytes = BytesIn(image.PixelFormat);
        var count = pixels.Length / 4;
        for (var p = 0; p < bytes.Length; p++)
        {
            var (to, step) = Interleave ? (p, bytes.Length) : (p * count, 1);
            for (var from = bytes[p]; from < pixels.Length; from += 4, to += step) values[to] = pixels[from];
        }
    }

    internal void Read(MLImage image, Span<float> values)
    {
        var pixels = image.Pixels;
        var bytes = BytesIn(image.PixelFormat);
        var count = pixels.Length / 4;
        for (var p = 0; p < bytes.Length; p++)
        {
            var (to, step) = Interleave ? (p, bytes.Length) : (p * count, 1);
            for (var from = bytes[p]; from < pixels.Length; from += 4, to += step) values[to] = (pixels[from] - Offset) * Scale;
        }
    }

    internal void Save(BinaryWriter writer)
    {
        writer.Write((byte)Colors);
        writer.Write((byte)Order);
        writer.Write(Interleave);
        writer.Write(Offset);
        writer.Write(Scale);
    }

    private static ColorBits BitOf(char channel) => channel switch
    {
        'A' => ColorBits.Alpha,
        'R' => ColorBits.Red,
        'G' => ColorBits.Green,
        _ => ColorBits.Blue,
    };
}
