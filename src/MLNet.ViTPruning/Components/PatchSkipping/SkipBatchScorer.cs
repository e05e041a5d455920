using MLNet.ViTPruning.PatchSkipping;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Components;

/// <summary>Scores batches with a model that skips patches.</summary>
/// <param name="model">The model.</param>
/// <param name="columns">The further columns that are wanted.</param>
internal sealed class SkipBatchScorer(PatchSkipModel model, SkipColumns columns) : IBatchScorer
{
    private readonly Device _device = model.Backbone.parameters().First().device;

    /// <inheritdoc/>
    public ScoredBatch Score(ImageBatch batch)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var images = tensor(batch.Values, batch.Shape).to(_device);                     // [B, 3, S, S]
        if (columns.Wanted.Count == 0) return new(Probabilities(model.forward(images)), null);
        using var result = model.Run(images, columns.NeedsMap ? SkipDetails.KeepMap : SkipDetails.None);
        return new(Probabilities(result.Logits), result.Images);
    }

    private static float[] Probabilities(Tensor logits)
    {
        using var probabilities = logits.softmax(-1).cpu().data<float>();               // [B * classes]
        return probabilities.ToArray();
    }
}
