using System.Text.Json;
using Microsoft.ML;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Tests.Data;

/// <summary>Against what PyTorch's pipeline made of the real data.</summary>
[TestClass]
public sealed class ReferencePixelTests
{
    [TestMethod]
    public void Photographs_EqualPillowsPixels_WithinOneOn999PerMille()
    {
        using var reference = SafetensorsFile.Open(SharedData.At("reference/photos.safetensors"));
        using var tensor = reference.ReadTensor("photos.pixels");       // [4, 224, 224, 3]
        var expected = tensor.data<float>().ToArray();
        var files = JsonSerializer.Deserialize<string[]>(reference.Metadata["files"])!;
        var preprocessor = new ImagePreprocessor(new() { ResizeShorterSide = 248, Mean = [0, 0, 0], Std = [1, 1, 1] }, 224);
        var plane = 224 * 224;
        var (equal, near) = (0, 0);
        for (var i = 0; i < files.Length; i++)
        {
            var values = new float[preprocessor.Length];
            using var captured = new CapturedPath(SharedData.At("imagenet-compatible/" + files[i]), ImageHeader.DefaultMaxPixels);
            captured.Prepare(preprocessor, values);
            for (var p = 0; p < plane; p++)
                for (var c = 0; c < 3; c++)
                {
                    var difference = Math.Abs(MathF.Round(values[c * plane + p] * 255) - expected[(i * plane + p) * 3 + c]);
                    equal += difference == 0 ? 1 : 0;
                    near += difference <= 1 ? 1 : 0;
                }
        }
        Console.WriteLine($"{equal} of {expected.Length} values are equal, {near} within 1.");
        Assert.IsGreaterThanOrEqualTo(0.999 * expected.Length, near);
    }

    [TestMethod]
    public void FirstCifarTestImage_EqualsTorchsInput_Within1e4()
    {
        using var reference = SafetensorsFile.Open(SharedData.At("reference/cifar100.safetensors"));
        using var tensor = reference.ReadTensor("input.first");         // [1, 3, 224, 224]
        var expected = tensor.data<float>().ToArray();
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var folder = Path.Combine(cache, "cifar-100-binary");
        if (!File.Exists(Path.Combine(folder, "test.bin"))) Assert.Inconclusive("../shared/data/cifar100/restore.sh has not been run");
        var view = new MLContext().Data.LoadCifar100(folder, Cifar100Split.Test, limit: 1);
        using var cursor = view.GetRowCursor(view.Schema);
        var preprocessor = new ImagePreprocessor(Preprocessing.Half with { Interpolation = Interpolation.BicubicTorch }, 224);
        var reader = ImageColumnReader.Create(cursor, view.Schema["Image"], preprocessor);
        Assert.IsTrue(cursor.MoveNext());
        var values = new float[preprocessor.Length];
        reader.Read(values);
        for (var i = 0; i < values.Length; i++) Assert.AreEqual(expected[i], values[i], 2e-4f, $"at {i}");      // a range of 2: 1e-4 of 255 is 2e-4
    }
}
