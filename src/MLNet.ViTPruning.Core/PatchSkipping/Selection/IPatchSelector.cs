namespace MLNet.ViTPruning.PatchSkipping.Selection;

/// <summary>Decides which patches a layer computes. A decision depends on the image and the layer alone, never on the batch.</summary>
internal interface IPatchSelector
{
    /// <summary>Selects the patches of a batch; without gradients.</summary>
    /// <param name="input">The layer and what comes in.</param>
    /// <returns>The selection; its tensors belong to the caller's scope.</returns>
    PatchSelection Select(LayerInput input);
}
