using System.Runtime.InteropServices;
using System.Text.Json;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Tests.Imaging;

/// <summary>Against torchvision over Pillow 9.4 and torch 1.13: test/peers/make_imaging_fixtures.py.</summary>
[TestClass]
public sealed class ResamplingFixtureTests
{
    private sealed record Case(int Width, int Height, int? Resize, int Size, Interpolation Interpolation, int Offset, int Length);

    private sealed record Index(string Made, List<Case> Cases);

    private static IEnumerable<(Case Case, byte[] Expected)> Cases(params Interpolation[] kinds)
    {
        var index = JsonSerializer.Deserialize<Index>(File.ReadAllText(TestData.Fixture("resampling.json")), JsonSerializerOptions.Web)!;
        var blob = File.ReadAllBytes(TestData.Fixture("resampling.bin"));
        return index.Cases.Where(c => kinds.Contains(c.Interpolation)).Select(c => (c, blob[c.Offset..(c.Offset + c.Length)]));
    }

    private static float[] Run(Case c)
    {
        var preprocessor = new ImagePreprocessor(TestData.Plain(c.Interpolation, c.Resize), c.Size);
        var planar = new float[preprocessor.Length];
        preprocessor.Run(c.Width, c.Height, TestData.Image(c.Width, c.Height), planar);
        return planar;
    }

    [TestMethod]
    public void PillowKernels_EqualPillowExactly()
    {
        var count = 0;
        foreach (var (c, expected) in Cases(Interpolation.BicubicPillow, Interpolation.Bilinear))
        {
            var planar = Run(c);
            var interleaved = new byte[planar.Length];
            for (var i = 0; i < planar.Length; i++)
                interleaved[i % (c.Size * c.Size) * 3 + i / (c.Size * c.Size)] = (byte)MathF.Round(planar[i] * 255);
            CollectionAssert.AreEqual(expected, interleaved, c.ToString());
            count++;
        }
        Assert.AreEqual(28, count);
    }

    [TestMethod]
    public void TorchBicubic_EqualsInterpolate_Within1e4()
    {
        foreach (var (c, expected) in Cases(Interpolation.BicubicTorch))
        {
            var values = MemoryMarshal.Cast<byte, float>(expected);
            var planar = Run(c);
            for (var i = 0; i < planar.Length; i++)
                Assert.AreEqual(values[i] / 255, planar[i], 1e-4f, $"{c} at {i}");
        }
    }
}
