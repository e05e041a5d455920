using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Components;

/// <summary>Planes of floats as an image: augmentation works on 8-bit pixels.</summary>
internal static class PlanarPixels
{
    /// <param name="planes">The planes R, G, B <c>[3, S, S]</c>, values 0..255.</param>
    /// <param name="side">S.</param>
    /// <param name="row">The row, for messages.</param>
    /// <exception cref="InvalidDataException">A value is no whole number from 0 to 255.</exception>
    public static RgbImage ToRgb(ReadOnlySpan<float> planes, int side, long row)
    {
        var rgb = new byte[planes.Length];
        int pixels = side * side;
        for (int channel = 0; channel < 3; channel++)
            for (int i = 0; i < pixels; i++)
            {
                float value = planes[channel * pixels + i];
                byte pixel = (byte)Math.Clamp(value, 0, 255);
                rgb[3 * i + channel] = pixel == value ? pixel : throw new InvalidDataException(FormattableString.Invariant(
                    $"Row {row} has the value {value} in its image; training takes planar values that are whole numbers from 0 to 255. Leave scaling and offsets to the model, or give images, encoded files or paths."));
            }
        return new RgbImage(side, side, rgb);
    }
}
