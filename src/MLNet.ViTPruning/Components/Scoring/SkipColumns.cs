using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Components;

/// <summary>What a further column tells of an image.</summary>
internal enum SkipColumn
{
    /// <summary>Whether each layer skipped each patch: vector of Boolean, layers x patches.</summary>
    SkipMap,

    /// <summary>Patches that idled, summed over the layers: Int32.</summary>
    Skips,

    /// <summary>How often a patch came back: Int32.</summary>
    ReEntries,

    /// <summary>Multiply-adds executed: Int64.</summary>
    ExecutedMacs,
}

/// <summary>Names of the further columns of a stage that skips patches; null for those that are not wanted.</summary>
internal sealed record SkipColumns
{
    public string? SkipMap { get; init; }

    public string? Skips { get; init; }

    public string? ReEntries { get; init; }

    public string? ExecutedMacs { get; init; }

    /// <summary>Layers of the model.</summary>
    public required int Layers { get; init; }

    /// <summary>Patches of an image.</summary>
    public required int Patches { get; init; }

    /// <summary>The wanted ones, in the order of the schema.</summary>
    [JsonIgnore]
    public IReadOnlyList<(SkipColumn Column, string Name)> Wanted =>
    [
        .. new[] { (SkipColumn.SkipMap, SkipMap), (SkipColumn.Skips, Skips), (SkipColumn.ReEntries, ReEntries), (SkipColumn.ExecutedMacs, ExecutedMacs) }
            .Where(column => column.Item2 is not null).Select(column => (column.Item1, column.Item2!)),
    ];

    /// <summary>Whether the map of patches is needed.</summary>
    [JsonIgnore]
    public bool NeedsMap => SkipMap is not null || ReEntries is not null;

    /// <summary>The type of a column.</summary>
    public DataViewType TypeOf(SkipColumn column) => column switch
    {
        SkipColumn.SkipMap => new VectorDataViewType(BooleanDataViewType.Instance, Layers, Patches),
        SkipColumn.ExecutedMacs => NumberDataViewType.Int64,
        _ => NumberDataViewType.Int32,
    };
}

/// <summary>Getters of the further columns.</summary>
internal static class SkipGetters
{
    /// <param name="column">Which.</param>
    /// <param name="current">Gives what was said of the row the cursor stands on.</param>
    public static Delegate Create(SkipColumn column, Func<ScoredRow> current) => column switch
    {
        SkipColumn.SkipMap => (ValueGetter<VBuffer<bool>>)((ref VBuffer<bool> value) =>
        {
            var kept = current().Skips!.KeepMap!;
            var editor = VBufferEditor.Create(ref value, kept.Count);
            for (int i = 0; i < kept.Count; i++) editor.Values[i] = !kept[i];
            value = editor.Commit();
        }),
        SkipColumn.Skips => (ValueGetter<int>)((ref int value) => value = current().Skips!.Skips),
        SkipColumn.ReEntries => (ValueGetter<int>)((ref int value) => value = current().Skips!.ReEntries!.Value),
        _ => (ValueGetter<long>)((ref long value) => value = current().Skips!.ExecutedMacs),
    };
}
