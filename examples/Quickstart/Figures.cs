using System.Globalization;
using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Measurement;
using static TorchSharp.torch;

namespace Quickstart;

/// <summary>What the closing table shows of one model.</summary>
internal sealed record Figures(double Top1, long Parameters, long Macs, double ImagesPerSecond, long FileBytes)
{
    private const int Batch = 16;

    public static Figures Of(ViTScoringTransformer model, IDataView images, string file)
    {
        var size = ModelSize.Of(model.Model.Configuration);
        return new(Accuracy(model, images), size.Parameters, size.Macs, Pace(model), new FileInfo(file).Length);
    }

    /// <summary>Percent of the images whose label got the highest score.</summary>
    public static double Accuracy(ITransformer model, IDataView images) =>
        100 * new MLContext().MulticlassClassification.Evaluate(model.Transform(images)).MicroAccuracy;

    public static void PrintTable(Figures before, Figures after)
    {
        Row("", "before", "after");
        Row("top-1 accuracy, %", Text(before.Top1, "0.0"), Text(after.Top1, "0.0"));
        Row("parameters, M", Text(before.Parameters / 1e6, "0.00"), Text(after.Parameters / 1e6, "0.00"));
        Row("MACs, M", Text(before.Macs / 1e6, "0"), Text(after.Macs / 1e6, "0"));
        Row($"images/s (CPU, fp32, batch {Batch}, {get_num_threads()} threads)", Text(before.ImagesPerSecond, "0.0"), Text(after.ImagesPerSecond, "0.0"));
        Row("file size, MB", Text(before.FileBytes / 1e6, "0.00"), Text(after.FileBytes / 1e6, "0.00"));
    }

    private static double Pace(ViTScoringTransformer model)
    {
        using var noGrad = no_grad();
        int side = model.Model.Configuration.ImageSize;
        using var images = zeros(Batch, 3, side, side);
        return Throughput.Measure(() => model.Model.forward(images).Dispose(), warmUp: 2, repeats: 5, minSeconds: 2).PerSecond(Batch);
    }

    private static void Row(string name, string before, string after) => Console.WriteLine($"{name,-44}{before,10}{after,10}");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
