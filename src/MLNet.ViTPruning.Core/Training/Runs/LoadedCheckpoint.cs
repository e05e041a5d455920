using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training.Runs;

/// <summary>A checkpoint as it was saved.</summary>
/// <param name="Tensors">The tensors by name, on the CPU, each in the type it was saved in; they are disposed with this.</param>
/// <param name="StateJson">The text that was saved with them.</param>
/// <param name="Warning">What is wrong with the newest checkpoint where this is the one before; otherwise null.</param>
internal sealed record LoadedCheckpoint(IReadOnlyDictionary<string, Tensor> Tensors, string StateJson, string? Warning) : IDisposable
{
    public void Dispose()
    {
        foreach (var tensor in Tensors.Values) tensor.Dispose();
    }
}
