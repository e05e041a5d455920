using MLNet.ViTPruning.Training.Loading;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>Moves an image inside a black frame, and mirrors it.</summary>
internal static class CropAndFlip
{
    /// <summary>Pads black pixels all around and cuts out a part of the former size.</summary>
    /// <param name="canvas">The image.</param>
    /// <param name="padding">Pixels on each side.</param>
    /// <param name="left">First column of the part in the padded image; <paramref name="padding"/> leaves columns in place.</param>
    /// <param name="top">First row of the part in the padded image.</param>
    public static void PadAndCrop(ImageCanvas canvas, int padding, int left, int top)
    {
        var (width, height, right, down) = (canvas.Width, canvas.Height, left - padding, top - padding);
        var from = canvas.Pixels;
        var to = canvas.Next(width, height);
        to.Clear();
        var (firstColumn, columns) = (Math.Max(-right, 0), width - Math.Abs(right));
        for (int y = Math.Max(-down, 0); y < Math.Min(height, height - down) && columns > 0; y++)
            from.Slice(((y + down) * width + firstColumn + right) * 3, columns * 3).CopyTo(to[((y * width + firstColumn) * 3)..]);
        canvas.Swap(width, height);
    }

    /// <summary>Mirrors left and right.</summary>
    public static void Flip(ImageCanvas canvas)
    {
        var pixels = canvas.Pixels;
        int width = canvas.Width;
        for (int y = 0; y < canvas.Height; y++)
        {
            var row = pixels.Slice(y * width * 3, width * 3);
            row.Reverse();                                              // B, G, R from right to left
            for (int x = 0; x < row.Length; x += 3) (row[x], row[x + 2]) = (row[x + 2], row[x]);
        }
    }
}
