using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Evaluation;

/// <summary>Measures accuracy, executed multiply-adds and scorers on labelled images.</summary>
public static class PatchSkipEvaluation
{
    /// <summary>Measures a model.</summary>
    /// <param name="model">The model; it is in evaluation mode afterwards.</param>
    /// <param name="images">The images.</param>
    /// <param name="options">Batch size, loader threads and cancellation are heeded.</param>
    /// <param name="scorerImages">Images, about, that scorers are measured on, whole batches from all over the data; what patches are worth takes three more
    /// passes. 0 for none.</param>
    /// <returns>The report, or <see langword="null"/> where it was cancelled.</returns>
    /// <exception cref="ArgumentException">There are no images, or a label is none of the model's classes.</exception>
    public static PatchSkipReport? Measure(PatchSkipModel model, ITrainingImages images, TrainingOptions options, int scorerImages = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(scorerImages);
        using var noGrad = no_grad();
        using var loader = new BatchLoader(images, model.Backbone.Configuration, options, 0, model.Backbone.parameters().First().device);
        model.eval();
        bool scores = scorerImages > 0 && model.Configuration.HasScorers;
        var counts = new Counts(model, scores);
        int step = scores ? (int)Math.Ceiling((double)images.Count / scorerImages) : 1, index = 0;
        foreach (var batch in loader.InOrder())
        {
            using (batch)
            {
                if (options.CancellationToken.IsCancellationRequested) return null;
                counts.Add(batch, scores && index++ % step == 0);
            }
        }
        return counts.Report();
    }

    private sealed class Counts(PatchSkipModel model, bool scorers)
    {
        private readonly PatchSkipConfiguration _configuration = model.Configuration;
        private readonly SkipMacs _macs = model.Macs;
        private readonly long[] _tokens = new long[model.Configuration.Layers.Count];
        private readonly double[][] _outcomes = [.. model.Configuration.Layers.Select(_ => new double[4])]; // by label and decision: both, label alone, decision alone, neither
        private long _images, _scored, _correct, _reEntries;
        private double _executed;

        public void Add(TrainingBatch batch, bool scored)
        {
            using var scope = NewDisposeScope();
            using var result = model.Run(batch.Images, SkipDetails.KeepMap);
            _correct += result.Logits.argmax(1).eq(batch.Targets.argmax(1)).sum().item<long>();
            foreach (var image in result.Images)
            {
                _images++;
                _executed += image.ExecutedMacs;
                _reEntries += image.ReEntries ?? 0;
                for (int i = 0; i < _tokens.Length; i++) _tokens[i] += image.Tokens[i] - _macs.Prefix;
            }
            if (!scored) return;
            _scored += batch.Indices.Length;
            var decisions = model.Label(batch.Images);
            for (int i = 0; i < decisions.Count; i++) Add(i, decisions[i]);
        }

        private void Add(int layer, LayerDecision decision)
        {
            var (label, mask) = (decision.Labels!.to(ScalarType.Float64), decision.Mask.to(ScalarType.Float64));           // [B, P]
            using var sums = stack([(label * mask).sum(), (label * (1 - mask)).sum(), ((1 - label) * mask).sum(), ((1 - label) * (1 - mask)).sum()]).cpu().data<double>();
            double[] four = sums.ToArray();
            for (int i = 0; i < four.Length; i++) _outcomes[layer][i] += four[i];
        }

        public PatchSkipReport Report() => new()
        {
            Images = (int)_images,
            ScorerImages = (int)_scored,
            Accuracy = 100.0 * _correct / _images,
            DenseExecutedMacs = _macs.DenseExecuted,
            ExecutedMacs = _executed / _images,
            MacsSaved = _macs.Saved(_executed / _images),
            ReEntries = _configuration.Method == PatchSkipMethod.Merging ? null : (double)_reEntries / _images,
            Layers = [.. _configuration.Layers.Select(Layer)],
        };

        private LayerReport Layer(PatchSkipLayer layer, int i)
        {
            int side = model.Backbone.Configuration.ResolutionOf(0);
            double kept = (double)_tokens[i] / (_images * side * side);
            if (!scorers) return new LayerReport(layer.Layer, kept, null, null, null);
            var (both, missed, vain, idle) = (_outcomes[i][0], _outcomes[i][1], _outcomes[i][2], _outcomes[i][3]);
            double all = both + missed + vain + idle, worth = both + missed, rest = vain + idle;
            double[] shares = [.. new[] { (both, worth), (idle, rest) }.Where(s => s.Item2 > 0).Select(s => s.Item1 / s.Item2)];
            return new LayerReport(layer.Layer, kept, worth / all, (both + idle) / all, shares.Average());
        }
    }
}
