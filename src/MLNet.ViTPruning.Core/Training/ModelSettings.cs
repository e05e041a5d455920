using MLNet.ViTPruning.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>Sets a model up for training, and gives it its own settings back, in evaluation mode, when disposed.</summary>
internal sealed class ModelSettings : IDisposable
{
    private readonly VisionModel _model;
    private readonly List<(Parameter Parameter, bool RequiresGrad)> _parameters;
    private readonly ComputePrecision _precision;
    private readonly KernelSelection _kernels;
    private readonly Func<long, Device, Tensor>? _dropPath;

    /// <param name="model">The model.</param>
    /// <param name="computedIn">Number format of its matrix products.</param>
    /// <param name="dropPath">Its stochastic depth, or null.</param>
    public ModelSettings(VisionModel model, ComputePrecision computedIn, StochasticDepth? dropPath)
    {
        _model = model;
        _parameters = [.. model.parameters().Select(p => (p, p.requires_grad))];
        (_precision, _kernels, _dropPath) = (model.Precision, model.Kernels, model.DropPath);
        foreach (var (parameter, _) in _parameters) parameter.requires_grad = true;
        (model.Precision, model.Kernels, model.DropPath) = (computedIn, KernelSelection.Standard, dropPath is null ? null : dropPath.Draw);
        model.train();
    }

    public void Dispose()
    {
        _model.zero_grad();
        foreach (var (parameter, requiresGrad) in _parameters) parameter.requires_grad = requiresGrad;
        (_model.Precision, _model.Kernels, _model.DropPath) = (_precision, _kernels, _dropPath);
        _model.eval();
    }
}
