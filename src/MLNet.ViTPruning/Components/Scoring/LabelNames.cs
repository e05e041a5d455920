using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Components;

/// <summary>The classes of a model and of a label column, compared by name.</summary>
internal static class LabelNames
{
    /// <summary>The model's class names; their numbers where the file has none.</summary>
    public static IReadOnlyList<string> Of(ModelConfiguration configuration) =>
        configuration.LabelNames ?? [.. Enumerable.Range(0, configuration.NumClasses).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    /// <summary>The names of a key column, in key order, or null where it carries none.</summary>
    public static IReadOnlyList<string>? Of(DataViewSchema.Column label)
    {
        if (label.Annotations.Schema.GetColumnOrNull("KeyValues")?.Type is not VectorDataViewType { ItemType: TextDataViewType }) return null;
        VBuffer<ReadOnlyMemory<char>> names = default;
        label.Annotations.GetValue("KeyValues", ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    /// <summary>For each key of the label column (from 0), the model's class of the same name, or -1 where the model has none.
    /// Null where either side carries no names: then key k is class k.</summary>
    /// <exception cref="ArgumentException">No name is common to both.</exception>
    public static int[]? Map(DataViewSchema.Column label, ModelConfiguration configuration)
    {
        if (Of(label) is not { } labels || configuration.LabelNames is not { } classes) return null;
        var index = new Dictionary<string, int>();
        for (int i = 0; i < classes.Count; i++) index.TryAdd(classes[i], i);
        var map = labels.Select(name => index.GetValueOrDefault(name, -1)).ToArray();
        return map.Any(i => i >= 0) ? map : throw new ArgumentException(
            $"The label column '{label.Name}' ('{labels.FirstOrDefault()}', ...) and the model ('{classes[0]}', ...) have no class name in common: the data is not of the model's classes.");
    }
}
