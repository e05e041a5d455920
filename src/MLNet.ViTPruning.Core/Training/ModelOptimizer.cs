using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>AdamW over a module's parameters, whose state is known by their names.</summary>
/// <remarks>Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (arXiv:1711.05101). Betas 0.9 and 0.999, epsilon 1e-8.</remarks>
internal sealed class ModelOptimizer : IDisposable
{
    private readonly AdamW _optimizer;
    private readonly List<string> _names = []; // in the order of the optimizer's parameters

    /// <param name="learner">The module.</param>
    /// <param name="weightDecay">Decay of weight matrices.</param>
    public ModelOptimizer(nn.Module learner, double weightDecay)
    {
        var parameters = learner.named_parameters().ToList();
        var groups = new List<AdamW.ParamGroup>();
        foreach (bool decays in (bool[])[true, false])
        {
            var members = parameters.Where(p => ParameterDecay.Decays(p.Item1, p.Item2) == decays).ToList();
            _names.AddRange(members.Select(p => p.Item1));
            groups.Add(new AdamW.ParamGroup(members.Select(p => p.Item2).ToList(), weight_decay: decays ? weightDecay : 0));
        }
        _optimizer = new AdamW(groups);
    }

    /// <summary>Changes the parameters by their gradients.</summary>
    /// <param name="learningRate">The step's learning rate.</param>
    public void Step(double learningRate)
    {
        foreach (var group in _optimizer.ParamGroups) group.LearningRate = learningRate;
        _optimizer.step();
    }

    /// <summary>What AdamW remembers of each parameter, by its name; the optimizer's own, not copies.</summary>
    public IEnumerable<(string Name, AdamW.State State)> States()
    {
        var state = _optimizer.state_dict();
        int i = 0;
        foreach (int index in state.StateIndexRef.SelectMany(group => group)) yield return (_names[i++], (AdamW.State)state.State[index]);
    }

    public void Dispose() => _optimizer.Dispose();
}
