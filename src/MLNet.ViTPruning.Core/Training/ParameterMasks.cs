using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Validation;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>Holds masked weights at zero: their gradients are set to zero, whereby AdamW's averages, its decay and the moving average
/// of the weights leave them at zero to the bit.</summary>
internal sealed class ParameterMasks : IDisposable
{
    private readonly List<(Parameter Parameter, Tensor Zero)> _masks = [];

    /// <param name="model">The model.</param>
    /// <param name="masks">Parameter names, each with a mask of 0 and 1; where a name occurs twice, both hold.</param>
    /// <exception cref="ArgumentException">A mask fits no parameter, or holds other values; all faults in one message.</exception>
    public ParameterMasks(VisionModel model, IReadOnlyCollection<KeyValuePair<string, Tensor>> masks)
    {
        if (masks.Count == 0) return;
        var parameters = model.named_parameters().ToDictionary(p => p.Item1, p => p.Item2);
        Check.All([.. masks.Select(mask => Fault(mask.Key, mask.Value, parameters))]);
        using var scope = NewDisposeScope();
        foreach (var (name, mask) in masks)
            _masks.Add((parameters[name], mask.to(parameters[name].device).eq(0).DetachFromDisposeScope()));
    }

    /// <summary>Sets the masked weights to zero.</summary>
    public void ApplyToWeights()
    {
        using var noGrad = no_grad();
        foreach (var (parameter, zero) in _masks) parameter.masked_fill_(zero, 0);
    }

    /// <summary>Sets the gradients of the masked weights to zero.</summary>
    public void ApplyToGradients()
    {
        using var scope = NewDisposeScope();
        foreach (var (parameter, zero) in _masks) parameter.grad?.masked_fill_(zero, 0);
    }

    public void Dispose()
    {
        foreach (var (_, zero) in _masks) zero.Dispose();
        _masks.Clear();
    }

    private static string? Fault(string name, Tensor mask, Dictionary<string, Parameter> parameters)
    {
        if (!parameters.TryGetValue(name, out var parameter)) return $"Masks has an entry '{name}'; the model has no parameter of that name.";
        if (!mask.shape.AsSpan().SequenceEqual(parameter.shape))
            return $"The mask of '{name}' is [{string.Join(", ", mask.shape)}]; expected the parameter's shape [{string.Join(", ", parameter.shape)}].";
        using var scope = NewDisposeScope();
        return mask.eq(0).logical_or(mask.eq(1)).all().ToBoolean() ? null : $"The mask of '{name}' has values other than 0 and 1.";
    }
}
