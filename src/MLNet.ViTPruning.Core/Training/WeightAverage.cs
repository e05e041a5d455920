using MLNet.ViTPruning.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>Exponential moving average of a model's weights, itself a model that can be validated.</summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly List<(Parameter Average, Parameter Present)> _pairs;
    private readonly double _decay;

    /// <param name="model">The model that learns.</param>
    /// <param name="decay">The highest decay, in (0, 1).</param>
    /// <param name="computedIn">Number format of its matrix products.</param>
    public WeightAverage(VisionModel model, double decay, ComputePrecision computedIn)
    {
        _decay = decay;
        Model = model.Copy(requiresGrad: false);
        (Model.Precision, Model.Kernels) = (computedIn, KernelSelection.Standard);
        _pairs = [.. Model.parameters().Zip(model.parameters())];
    }

    /// <summary>The averaged model, in evaluation mode.</summary>
    public VisionModel Model { get; }

    /// <summary>Updates so far.</summary>
    public long Updates { get; set; }

    /// <summary>The decay at an update: little while there is little to remember.</summary>
    /// <param name="update">The update, from 1.</param>
    public double DecayAt(long update) => Math.Min(_decay, (1.0 + update) / (10.0 + update));

    /// <summary>Takes in the present weights.</summary>
    public void Update()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var share = tensor(1 - DecayAt(++Updates), _pairs[0].Average.dtype, _pairs[0].Average.device);
        foreach (var (average, present) in _pairs) average.lerp_(present, share);
        Model.WeightsChanged();
    }

    /// <summary>Gives the model the averaged weights.</summary>
    /// <param name="model">The model that learns.</param>
    public void WriteTo(VisionModel model)
    {
        using var noGrad = no_grad();
        foreach (var (average, present) in _pairs) present.copy_(average);
        model.WeightsChanged();
    }

    public void Dispose() => Model.Dispose();
}
