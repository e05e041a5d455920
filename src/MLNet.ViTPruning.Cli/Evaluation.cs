using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Cli;

/// <summary>Accuracy and pace over scored rows.</summary>
/// <param name="Images">Rows read.</param>
/// <param name="Top1">Percent of them whose label has the highest score.</param>
/// <param name="Top5">Percent of them whose label is among the five highest.</param>
/// <param name="ImagesPerSecond">Rows over wall time, decoding included.</param>
internal sealed record Evaluation(long Images, double Top1, double Top5, double ImagesPerSecond)
{
    /// <summary>Reads all rows once.</summary>
    /// <exception cref="InvalidDataException">There are no rows.</exception>
    public static Evaluation Of(IDataView scored, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var (score, label) = (scored.Schema["Score"], scored.Schema["Label"]);
        long total = scored.GetRowCount() ?? 0, images = 0, first = 0, five = 0;
        long start = Stopwatch.GetTimestamp();
        using var cursor = scored.GetRowCursor([score, label]);
        var getScore = cursor.GetGetter<VBuffer<float>>(score);
        var getLabel = cursor.GetGetter<uint>(label);
        VBuffer<float> scores = default;
        uint key = 0;
        while (cursor.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            getScore(ref scores);
            getLabel(ref key);
            int rank = Rank(scores.GetValues(), (int)key - 1);
            images++;
            if (rank == 0) first++;
            if (rank < 5) five++;
            if (total > 0) progress.Report((double)images / total);
        }
        if (images == 0) throw new InvalidDataException("The data has no images.");
        return new(images, 100.0 * first / images, 100.0 * five / images, images / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>One forward pass that does not count: the first one chooses kernels and fills caches.</summary>
    public static void WarmUp(VisionModel model, int batch, long? rows)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        int side = model.Configuration.ImageSize;
        model.forward(zeros([Math.Min(batch, rows ?? batch), 3, side, side], device: model.parameters().First().device));
    }

    /// <summary>How many classes stand before this one; a missing label (-1) and a score that is no number come last.</summary>
    private static int Rank(ReadOnlySpan<float> scores, int label)
    {
        if (label < 0 || float.IsNaN(scores[label])) return int.MaxValue;
        int before = 0;
        for (int i = 0; i < scores.Length; i++)
            if (scores[i] > scores[label] || (scores[i] == scores[label] && i < label)) before++;
        return before;
    }
}
