using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>Everything that a resumed training needs: tensors by name, and a text.</summary>
/// <remarks>The tensors: <c>model.*</c> the weights, <c>exp_avg.*</c> and <c>exp_avg_sq.*</c> AdamW's averages, <c>average.*</c> the moving
/// average of the weights where there is one, <c>best.*</c> the best epoch's weights where there was a validation; each followed by
/// the parameter's name. The text is <see cref="TrainingPosition"/> as JSON.</remarks>
/// <param name="model">The model.</param>
/// <param name="learner">What learns: the model, or parts of it or beside it.</param>
/// <param name="optimizer">Its optimizer.</param>
/// <param name="average">The moving average of its weights, or null.</param>
/// <param name="best">The best epoch's weights.</param>
/// <param name="position">Where the training stands.</param>
internal sealed class TrainingState(VisionModel model, nn.Module learner, ModelOptimizer optimizer, WeightAverage? average, BestWeights best, TrainingPosition position)
{
    /// <summary>Where the training stands.</summary>
    public TrainingPosition Position { get; private set; } = position;

    /// <summary>The present tensors themselves, not copies, on the model's device (the best epoch's weights on the CPU). They stay the training's own.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors()
    {
        var tensors = OwnTensors();
        foreach (var (name, weight) in best.Weights) tensors["best." + name] = weight;
        return tensors;
    }

    /// <summary>All that is no tensor.</summary>
    public string Json()
    {
        Position.AverageUpdates = average?.Updates ?? 0;
        Position.OptimizerSteps = optimizer.States().ToDictionary(s => s.Name, s => s.State.step);
        return Position.ToJson();
    }

    /// <summary>Sets everything as it was when <see cref="Tensors"/> and <see cref="Json"/> were taken.</summary>
    /// <param name="tensors">The tensors, on any device; they are copied.</param>
    /// <param name="json">The text.</param>
    /// <exception cref="InvalidDataException">They do not belong to this training.</exception>
    public void Restore(IReadOnlyDictionary<string, Tensor> tensors, string json)
    {
        var position = TrainingPosition.FromJson(json);
        var own = OwnTensors();
        foreach (var (name, tensor) in own)
        {
            if (!tensors.TryGetValue(name, out var saved)) throw new InvalidDataException($"The checkpoint lacks '{name}'.");
            if (!saved.shape.AsSpan().SequenceEqual(tensor.shape) || saved.dtype != tensor.dtype)
                throw new InvalidDataException($"The checkpoint's '{name}' is {Describe(saved)}; expected {Describe(tensor)}.");
        }
        var kept = tensors.Where(t => t.Key.StartsWith("best.", StringComparison.Ordinal)).Select(t => (t.Key["best.".Length..], t.Value)).ToList();
        var names = learner.named_parameters().Select(p => p.Item1).ToHashSet();
        if (kept.Count > 0 && !names.SetEquals(kept.Select(k => k.Item1))) throw new InvalidDataException("The checkpoint's best weights are not those of the model.");
        if (!names.SetEquals(position.OptimizerSteps.Keys)) throw new InvalidDataException("The checkpoint's optimizer is not that of the model.");
        using (no_grad())
            foreach (var (name, tensor) in own) tensor.copy_(tensors[name]);
        foreach (var (name, state) in optimizer.States()) state.step = position.OptimizerSteps[name];
        if (average is not null) average.Updates = position.AverageUpdates;
        best.Keep(kept);
        model.WeightsChanged();
        average?.Model.WeightsChanged();
        Position = position;
    }

    /// <summary>What every checkpoint holds.</summary>
    private Dictionary<string, Tensor> OwnTensors()
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, parameter) in learner.named_parameters()) tensors["model." + name] = parameter;
        foreach (var (name, state) in optimizer.States())
        {
            tensors["exp_avg." + name] = state.exp_avg;
            tensors["exp_avg_sq." + name] = state.exp_avg_sq;
        }
        if (average is null) return tensors;
        foreach (var (name, parameter) in average.Model.named_parameters()) tensors["average." + name] = parameter;
        return tensors;
    }

    private static string Describe(Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";
}
