using System.Text.Json;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Training;

/// <summary>The first steps beside PyTorch's, same weights, images and order: test/peers/make_training_fixtures.py.</summary>
[TestClass]
public sealed class FirstStepsTests
{
    private const int Side = 16, Classes = 10;

    [TestMethod]
    [DataRow("vit")]
    [DataRow("swin")]
    public void Losses_OfTheFirst20Steps_AreTorchsWithin1e3(string family)
    {
        using var fixture = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "training", "first-steps.json")));
        var recipe = fixture.RootElement.GetProperty("recipe");
        double[] expected = [.. fixture.RootElement.GetProperty("losses").GetProperty(family).EnumerateArray().Select(loss => loss.GetDouble())];
        using var model = VisionModel.CreateFilled(family == "vit" ? Vit : Swin, Fill);
        var log = new StepLog();

        Trainer.Run(model, new TrainingJob
        {
            Images = Images(recipe.GetProperty("images").GetInt32()),
            Options = new TrainingOptions
            {
                Epochs = recipe.GetProperty("epochs").GetInt32(),
                BatchSize = recipe.GetProperty("batchSize").GetInt32(),
                LearningRate = recipe.GetProperty("learningRate").GetDouble(),
                WarmUpLearningRate = recipe.GetProperty("warmUpLearningRate").GetDouble(),
                MinLearningRate = recipe.GetProperty("minLearningRate").GetDouble(),
                WarmUpEpochs = recipe.GetProperty("warmUpEpochs").GetDouble(),
                WeightDecay = recipe.GetProperty("weightDecay").GetDouble(),
                GradientClip = recipe.GetProperty("gradientClip").GetDouble(),
                LabelSmoothing = recipe.GetProperty("labelSmoothing").GetDouble(),
                Seed = fixture.RootElement.GetProperty("seed").GetInt32(),
                Progress = log,
            },
        });

        Assert.HasCount(expected.Length, log.Steps);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], log.Steps[i].Loss, 1e-3 * expected[i], $"step {i}");
    }

    private static ModelConfiguration Vit => new()
    {
        Family = ModelFamily.Vit,
        ImageSize = Side,
        PatchSize = 4,
        NumClasses = Classes,
        Stages = [new(32, [.. Enumerable.Repeat(new BlockConfiguration(2, 16, 128), 3)])],
        Preprocessing = Preprocessing.Half,
    };

    private static ModelConfiguration Swin => new()
    {
        Family = ModelFamily.Swin,
        ImageSize = Side,
        PatchSize = 2,
        WindowSize = 2,
        NumClasses = Classes,
        LayerNormEpsilon = 1e-5,
        Stages = [new(16, [new(2, 8, 64), new(2, 8, 64)]), new(32, [new(4, 8, 128), new(4, 8, 128)])],
        Preprocessing = Preprocessing.Half,
    };

    /// <summary>Matrices of +-0.15, vectors of +-0.05, the norms' weights around 1.</summary>
    private static void Fill(VisionModel model)
    {
        int key = 0;
        foreach (var (name, parameter) in model.named_parameters().OrderBy(p => p.Item1, StringComparer.Ordinal).Select(p => (p.Item1, p.Item2)))
        {
            double one = name.Contains("norm", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0;
            float[] values = new float[parameter.numel()];
            for (int i = 0; i < values.Length; i++) values[i] = (float)(one + Hashed(i, key) * (parameter.ndim > 1 ? 0.3 : 0.1));
            using var filled = tensor(values, parameter.shape);
            parameter.copy_(filled);
            key++;
        }
    }

    private static ITrainingImages Images(int count) => TrainingImages.FromMemory(
        [.. Enumerable.Range(0, count).Select(i => new RgbImage(Side, Side,
            [.. Enumerable.Range(i * Side * Side * 3, Side * Side * 3).Select(p => (byte)((Hashed(p, 1000) + 0.5) * 256))]))],
        [.. Enumerable.Range(0, count).Select(i => i * 7 % Classes)]);

    /// <summary>A number in [-0.5, 0.5).</summary>
    private static double Hashed(long index, int key)
    {
        uint bits = (uint)((ulong)index * 2654435761 + (ulong)(key * 40503 + 12345));
        bits = (bits ^ (bits >> 15)) * 2246822519;
        bits ^= bits >> 13;
        return bits / 4294967296.0 - 0.5;
    }
}
