using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Components;

/// <summary>Rows of random 8 x 8 images with a small random model, and what they must score.</summary>
internal static class TinyData
{
    public const int Size = 8;
    public const int Classes = 5;
    public static readonly string[] Names = ["ant", "bee", "cat", "dog", "eel"];

    public static VisionModel Model(ulong seed = 1)
    {
        var model = VisionModel.Create(new ModelConfiguration
        {
            Family = ModelFamily.Vit,
            ImageSize = Size,
            PatchSize = 4,
            NumClasses = Classes,
            Stages = [new(16, [new(2, 8, 24), new(2, 8, 24)])],
            Preprocessing = Preprocessing.Half,
            LabelNames = Names,
        }, seed);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed + 10);
        foreach (var parameter in model.parameters()) parameter.add_(randn(parameter.shape, generator: generator) * 0.3);
        model.eval();
        return model;
    }

    public static List<Row> Rows(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => new Row
        {
            Id = i,
            Label = (uint)random.Next(Classes),
            Image = [.. Enumerable.Range(0, 3 * Size * Size).Select(_ => (float)random.Next(256))],
        })];
    }

    /// <summary>The probabilities of one row, straight from the model.</summary>
    public static float[] Expected(VisionModel model, Row row)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var image = tensor(row.Image).reshape(1, 3, Size, Size).div(255).sub(0.5).div(0.5);    // [1, 3, 8, 8]
        return model.forward(image).softmax(-1).data<float>().ToArray();
    }

    public static ScoreViTOptions Options(VisionModel model, int batchSize = 32) => new() { Model = model, BatchSize = batchSize };

    public sealed class Row
    {
        public int Id { get; set; }

        [KeyType(Classes)]
        public uint Label { get; set; }

        [VectorType(3 * Size * Size)]
        public float[] Image { get; set; } = [];
    }

    public sealed class Scored
    {
        public int Id { get; set; }

        public uint Label { get; set; }

        public float[] Image { get; set; } = [];

        public float[] Score { get; set; } = [];

        public uint PredictedLabel { get; set; }
    }

    public sealed class Prediction
    {
        public float[] Score { get; set; } = [];

        public uint PredictedLabel { get; set; }
    }

    public static List<Scored> Read(MLContext ml, IDataView data) => [.. ml.Data.CreateEnumerable<Scored>(data, reuseRowObject: false)];

    public static void AreClose(float[] expected, float[] actual, double tolerance = 1e-5)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], tolerance, $"class {i}");
    }
}
