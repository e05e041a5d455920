using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Tests.Imaging;

internal static class TestData
{
    public static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "imaging", name);

    /// <summary>The image that test/peers/make_imaging_fixtures.py generates: interleaved RGB.</summary>
    public static byte[] Image(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                for (var c = 0; c < 3; c++)
                {
                    var noise = (x * 73 + y * 151 + c * 199) * (x * 31 + y * 17 + c * 7 + 11) % 256;
                    var steps = 255 * ((x / 3 + y / 5 + c) % 2);
                    pixels[(y * width + x) * 3 + c] = (byte)((x + y) % 4 < 2 ? noise : steps);
                }
        return pixels;
    }

    /// <summary>A preprocessing whose output is the pixel value over 255.</summary>
    public static Preprocessing Plain(Interpolation interpolation, int? shorterSide = null) =>
        new() { Interpolation = interpolation, ResizeShorterSide = shorterSide, Mean = [0, 0, 0], Std = [1, 1, 1] };
}

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vitpruning-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
