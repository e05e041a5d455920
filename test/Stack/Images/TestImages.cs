using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.Images;

/// <summary>Images and image files that tests make themselves.</summary>
internal static class TestImages
{
    /// <summary>An opaque image whose channels rise smoothly, so that JPEG keeps it well.</summary>
    internal static MLImage Gradient(int width, int height, MLPixelFormat format = MLPixelFormat.Bgra32)
    {
        var pixels = new byte[width * height * 4];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var (r, g, b) = (x * 255 / width, y * 255 / height, 128);
                var at = (y * width + x) * 4;
                (pixels[at], pixels[at + 1], pixels[at + 2], pixels[at + 3]) =
                    format == MLPixelFormat.Bgra32 ? ((byte)b, (byte)g, (byte)r, (byte)255) : ((byte)r, (byte)g, (byte)b, (byte)255);
            }
        return MLImage.CreateFromPixels(width, height, format, pixels);
    }

    internal static MLImage Plain(int width, int height, byte red, byte green, byte blue)
    {
        var pixels = new byte[width * height * 4];
        for (var i = 0; i < pixels.Length; i += 4) (pixels[i], pixels[i + 1], pixels[i + 2], pixels[i + 3]) = (blue, green, red, 255);
        return MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, pixels);
    }

    /// <summary>The bytes that the image's file would have.</summary>
    internal static byte[] Encode(this MLImage image, string extension)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("image" + extension);
        image.Save(path);
        return File.ReadAllBytes(path);
    }

    /// <summary>A 24-bit bottom-up bitmap of rows of (red, green, blue).</summary>
    internal static byte[] Bmp((byte R, byte G, byte B)[][] rows)
    {
        var (width, height) = (rows[0].Length, rows.Length);
        var stride = (width * 3 + 3) / 4 * 4;
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("BM"u8);
        writer.Write(54 + stride * height);
        writer.Write(0);
        writer.Write(54);
        writer.Write(40);
        writer.Write(width);
        writer.Write(height);
        writer.Write((short)1);
        writer.Write((short)24);
        writer.Write(0);
        writer.Write(stride * height);
        for (var i = 0; i < 4; i++) writer.Write(0);
        foreach (var row in rows.Reverse())
        {
            foreach (var (r, g, b) in row) writer.Write([b, g, r]);
            writer.Write(new byte[stride - width * 3]);
        }
        return stream.ToArray();
    }
}

internal sealed class TemporaryFolder : IDisposable
{
    internal string FullName { get; } = Directory.CreateTempSubdirectory("stack-tests-").FullName;
    internal string File(string name) => Path.Combine(FullName, name);
    public void Dispose() => Directory.Delete(FullName, recursive: true);
}
