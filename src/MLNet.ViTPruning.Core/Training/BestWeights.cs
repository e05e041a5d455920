using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>The weights of the best epoch so far, on the CPU.</summary>
internal sealed class BestWeights : IDisposable
{
    private readonly Dictionary<string, Tensor> _weights = new(StringComparer.Ordinal);

    /// <summary>The weights by name; empty while no epoch was validated.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _weights;

    /// <summary>Copies weights.</summary>
    /// <param name="weights">The weights by name.</param>
    public void Keep(IEnumerable<(string Name, Tensor Weight)> weights)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, weight) in weights)
        {
            if (_weights.TryGetValue(name, out var kept)) kept.copy_(weight);
            else _weights[name] = weight.detach().to(CPU, copy: true).DetachFromDisposeScope();
        }
    }

    /// <summary>Writes the weights into a module.</summary>
    /// <param name="learner">A module of the same structure; a model around it must be told that its weights changed.</param>
    public void WriteTo(nn.Module learner)
    {
        using var noGrad = no_grad();
        foreach (var (name, parameter) in learner.named_parameters()) parameter.copy_(_weights[name]);
    }

    public void Dispose()
    {
        foreach (var weight in _weights.Values) weight.Dispose();
        _weights.Clear();
    }
}
