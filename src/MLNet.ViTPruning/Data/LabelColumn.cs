using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Data;

/// <summary>Label columns: keys with their names.</summary>
internal static class LabelColumn
{
    /// <summary>A key column; key 0 would mean missing, so the first name's key is 1.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="labelNames">The names in key order.</param>
    /// <param name="labelOf">A row's label, a position among the names.</param>
    public static SideColumn Create(string name, IReadOnlyList<string> labelNames, Func<int, int> labelOf)
    {
        var names = labelNames.Select(label => label.AsMemory()).ToArray();
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add("KeyValues", new VectorDataViewType(TextDataViewType.Instance, names.Length),
            (ref VBuffer<ReadOnlyMemory<char>> value) => value = new VBuffer<ReadOnlyMemory<char>>(names.Length, [.. names]));
        return new(name, new KeyDataViewType(typeof(uint), names.Length), annotations.ToAnnotations(),
            row => (ValueGetter<uint>)((ref uint value) => value = (uint)labelOf(row()) + 1));
    }

    /// <summary>Where a data set's labels stand among a model's label names.</summary>
    /// <param name="own">The data set's names.</param>
    /// <param name="wanted">The model's names, or null for the data set's own.</param>
    /// <returns>For each of the data set's labels its position among the wanted names; null where nothing changes.</returns>
    /// <exception cref="ArgumentException">A name of the data set is not wanted, or a wanted one occurs twice.</exception>
    public static int[]? Order(IReadOnlyList<string> own, IReadOnlyList<string>? wanted)
    {
        if (wanted is null || own.SequenceEqual(wanted, StringComparer.Ordinal)) return null;
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < wanted.Count; i++)
            if (!positions.TryAdd(wanted[i], i)) throw new ArgumentException($"The label name '{wanted[i]}' occurs twice.", "labelNames");
        var unknown = own.Where(name => !positions.ContainsKey(name)).ToArray();
        if (unknown.Length > 0)
            throw new ArgumentException($"{unknown.Length} of the data set's {own.Count} labels are not among the "
                + $"{wanted.Count} given, such as '{unknown[0]}'.", "labelNames");
        return [.. own.Select(name => positions[name])];
    }
}
