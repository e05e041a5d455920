using System.Globalization;
using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace Quickstart;

/// <summary>What the closing table shows of one model.</summary>
internal sealed record Figures(double Top1, long Parameters, long Macs, long FileBytes)
{
    private const int Batch = 16;

    public static Figures Of(ViTScoringTransformer model, IDataView images, string file)
    {
        var size = ModelSize.Of(model.Model.Configuration);
        return new(Accuracy(model, images), size.Parameters, size.Macs, new FileInfo(file).Length);
    }

    /// <summary>Percent of the images whose label got the highest score.</summary>
    public static double Accuracy(ITransformer model, IDataView images) =>
        100 * new MLContext().MulticlassClassification.Evaluate(model.Transform(images)).MicroAccuracy;

    public static void PrintTable(Figures before, Figures after, double[] imagesPerSecond)
    {
        Row("", "before", "after");
        Row("top-1 accuracy, %", Text(before.Top1, "0.0"), Text(after.Top1, "0.0"));
        Row("parameters, M", Text(before.Parameters / 1e6, "0.00"), Text(after.Parameters / 1e6, "0.00"));
        Row("MACs, M", Text(before.Macs / 1e6, "0"), Text(after.Macs / 1e6, "0"));
        Row($"images/s (CPU, fp32, batch {Batch}, {get_num_threads()} threads)", Text(imagesPerSecond[0], "0.0"), Text(imagesPerSecond[1], "0.0"));
        Row("file size, MB", Text(before.FileBytes / 1e6, "0.00"), Text(after.FileBytes / 1e6, "0.00"));
    }

    /// <summary>Images a second of each model alone, in turns, so that whatever else the machine does meets all alike.</summary>
    public static double[] Paces(params VisionModel[] models)
    {
        using var noGrad = no_grad();
        int side = models[0].Configuration.ImageSize;
        using var images = zeros(Batch, 3, side, side);
        var rounds = Enumerable.Range(0, 7).Select(_ => models.Select(model =>
            Throughput.Measure(() => model.forward(images).Dispose(), warmUp: 1, repeats: 1, minSeconds: 0.1).PerSecond(Batch)).ToArray()).ToArray();
        return [.. models.Select((_, i) => rounds.Select(round => round[i]).Order().ElementAt(rounds.Length / 2))];
    }

    private static void Row(string name, string before, string after) => Console.WriteLine($"{name,-44}{before,10}{after,10}");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
