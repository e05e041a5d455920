using MLNet.ViTPruning.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>Sets a model, or parts of it or beside it, up for training, and gives it its own settings back, in evaluation mode, when disposed.</summary>
internal sealed class ModelSettings : IDisposable
{
    private readonly VisionModel _model;
    private readonly nn.Module _learner;
    private readonly List<(Parameter Parameter, bool RequiresGrad)> _parameters;
    private readonly ComputePrecision _precision;
    private readonly KernelSelection _kernels;
    private readonly Func<long, Device, Tensor>? _dropPath;

    /// <param name="model">The model.</param>
    /// <param name="computedIn">Number format of its matrix products.</param>
    /// <param name="dropPath">Its stochastic depth, or null.</param>
    /// <param name="learner">What learns; null for the model.</param>
    public ModelSettings(VisionModel model, ComputePrecision computedIn, StochasticDepth? dropPath, nn.Module? learner = null)
    {
        (_model, _learner) = (model, learner ?? model);
        var learning = _learner.parameters().ToHashSet<Parameter>(ReferenceEqualityComparer.Instance);
        _parameters = [.. model.parameters().Where(p => !learning.Contains(p)).Concat(learning).Select(p => (p, p.requires_grad))];
        (_precision, _kernels, _dropPath) = (model.Precision, model.Kernels, model.DropPath);
        foreach (var (parameter, _) in _parameters) parameter.requires_grad = learning.Contains(parameter);
        (model.Precision, model.Kernels, model.DropPath) = (computedIn, KernelSelection.Standard, dropPath is null ? null : dropPath.Draw);
        Train();
    }

    /// <summary>Puts what learns into training mode; the rest of the model stays in evaluation mode.</summary>
    public void Train()
    {
        _model.eval();
        _learner.train();
    }

    /// <summary>Puts everything into evaluation mode.</summary>
    public void Eval()
    {
        _learner.eval();
        _model.eval();
    }

    public void Dispose()
    {
        _learner.zero_grad();
        _model.zero_grad();
        foreach (var (parameter, requiresGrad) in _parameters) parameter.requires_grad = requiresGrad;
        (_model.Precision, _model.Kernels, _model.DropPath) = (_precision, _kernels, _dropPath);
        Eval();
    }
}
