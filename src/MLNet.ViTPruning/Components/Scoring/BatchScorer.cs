using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Components;

/// <summary>Turns preprocessed images into probabilities.</summary>
internal sealed class BatchScorer(VisionModel model) : IBatchScorer
{
    private readonly Device _device = model.parameters().First().device;

    /// <inheritdoc/>
    public ScoredBatch Score(ImageBatch batch)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var images = tensor(batch.Values, batch.Shape).to(_device);    // [B, 3, S, S]
        using var probabilities = model.forward(images).softmax(-1).cpu().data<float>();                // [B * classes]
        return new(probabilities.ToArray(), null);
    }
}
