using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Data;

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vitpruning-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

internal static class TestImages
{
    /// <summary>An opaque RGBA image whose pixels depend on the seed.</summary>
    public static MLImage Create(int width, int height, int seed = 0)
    {
        var pixels = new byte[4 * width * height];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = i % 4 == 3 ? (byte)255 : (byte)(i * 7 / 4 + i % 4 * 60 + seed * 37);
        return MLImage.CreateFromPixels(width, height, MLPixelFormat.Rgba32, pixels);
    }

    /// <summary>Writes such an image in the format of the extension.</summary>
    public static void Write(string path, int width, int height, int seed = 0)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var image = Create(width, height, seed);
        image.Save(path);
    }
}
