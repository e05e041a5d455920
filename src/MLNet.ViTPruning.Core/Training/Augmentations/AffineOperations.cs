using MLNet.ViTPruning.Training.Loading;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>Shear, translation and rotation by the nearest pixel; what comes into view is black.</summary>
internal static class AffineOperations
{
    /// <summary>The pixel whose centre is at (x, y) takes the colour at (a x + b y + c, d x + e y + f).</summary>
    public static void Apply(ImageCanvas canvas, double a, double b, double c, double d, double e, double f)
    {
        var (width, height) = (canvas.Width, canvas.Height);
        var from = canvas.Pixels;
        var to = canvas.Next(width, height);
        to.Clear();
        for (int y = 0, at = 0; y < height; y++)
            for (int x = 0; x < width; x++, at += 3)
            {
                var (u, v) = (Math.Floor(a * (x + 0.5) + b * (y + 0.5) + c), Math.Floor(d * (x + 0.5) + e * (y + 0.5) + f));
                if (u < 0 || u >= width || v < 0 || v >= height) continue;
                from.Slice(((int)v * width + (int)u) * 3, 3).CopyTo(to[at..]);
            }
        canvas.Swap(width, height);
    }

    /// <summary>Turns the image counterclockwise about its centre.</summary>
    public static void Rotate(ImageCanvas canvas, double degrees)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        var (x, y) = (canvas.Width / 2.0, canvas.Height / 2.0);
        Apply(canvas, cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y);
    }
}
