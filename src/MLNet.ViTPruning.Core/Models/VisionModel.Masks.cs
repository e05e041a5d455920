using MLNet.ViTPruning.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models;

// Weights that are zero and stay so. They are no part of the state dict, so that Python reads a model's weights unchanged.
public abstract partial class VisionModel
{
    private readonly Dictionary<string, Tensor> _weightMasks = new(StringComparer.Ordinal);

    /// <summary>Weights that are held at zero, by state-dict key: a bool tensor of the weight's shape on the CPU, true where a weight stays. Empty
    /// where none are. Training keeps them at zero; copies, files and smaller models made of this one keep the masks. They stay the model's: do
    /// not change or dispose them.</summary>
    /// <remarks><c>load_state_dict</c> does not look at them; call <see cref="SetWeightMasks"/> after it.</remarks>
    public IReadOnlyDictionary<string, Tensor> WeightMasks => _weightMasks;

    /// <summary>Sets weights to zero, to be held there. All masks there were before are replaced; the weights under them stay zero, but may
    /// change in training.</summary>
    /// <param name="masks">Bool tensors of the weights' shapes by state-dict key, true where a weight stays; none lifts all masks. They are not copied:
    /// dispose them if you like, but do not change their values.</param>
    /// <exception cref="ArgumentException">A mask fits no weight, or is not bool; all faults in one message, and nothing is changed.</exception>
    public void SetWeightMasks(IReadOnlyDictionary<string, Tensor> masks)
    {
        ArgumentNullException.ThrowIfNull(masks);
        var state = state_dict();
        Check.All([.. masks.Select(mask => MaskFault(mask.Key, mask.Value, state))]);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var set = masks.ToDictionary(mask => mask.Key, mask => mask.Value.detach().cpu().DetachFromDisposeScope());    // handles of its own
        DisposeMasks();
        foreach (var (name, mask) in set)
        {
            using var inner = NewDisposeScope();
            _weightMasks.Add(name, mask);
            state[name].masked_fill_(mask.logical_not().to(state[name].device), 0);
        }
        if (set.Count > 0) WeightsChanged();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) DisposeMasks();
        base.Dispose(disposing);
    }

    private static string? MaskFault(string name, Tensor mask, Dictionary<string, Tensor> state)
    {
        if (!state.TryGetValue(name, out var weight)) return $"There is a mask for '{name}'; the model has no weight of that name.";
        if (mask.dtype != ScalarType.Bool) return $"The mask of '{name}' is of type {mask.dtype}; expected Bool.";
        return mask.shape.AsSpan().SequenceEqual(weight.shape) ? null
            : $"The mask of '{name}' is [{string.Join(", ", mask.shape)}]; expected the weight's shape [{string.Join(", ", weight.shape)}].";
    }

    private void DisposeMasks()
    {
        foreach (var mask in _weightMasks.Values) mask.Dispose();
        _weightMasks.Clear();
    }
}
