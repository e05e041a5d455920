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

    /// <summary>The names of a key column, in key order, or null where it carries none. Numbers are written as text.</summary>
    public static IReadOnlyList<string>? Of(DataViewSchema.Column label) => label.Annotations.Schema.GetColumnOrNull("KeyValues")?.Type is not VectorDataViewType type
        ? null
        : type.ItemType.RawType switch
        {
            var t when t == typeof(ReadOnlyMemory<char>) => Of<ReadOnlyMemory<char>>(label),
            var t when t == typeof(int) => Of<int>(label),
            var t when t == typeof(uint) => Of<uint>(label),
            var t when t == typeof(long) => Of<long>(label),
            var t when t == typeof(ulong) => Of<ulong>(label),
            var t when t == typeof(short) => Of<short>(label),
            var t when t == typeof(ushort) => Of<ushort>(label),
            var t when t == typeof(sbyte) => Of<sbyte>(label),
            var t when t == typeof(byte) => Of<byte>(label),
            var t when t == typeof(float) => Of<float>(label),
            var t when t == typeof(double) => Of<double>(label),
            var t when t == typeof(bool) => Of<bool>(label),
            _ => null,
        };

    private static string[] Of<T>(DataViewSchema.Column label)
    {
        VBuffer<T> values = default;
        label.Annotations.GetValue("KeyValues", ref values);
        return [.. values.DenseValues().Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)!)];
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
