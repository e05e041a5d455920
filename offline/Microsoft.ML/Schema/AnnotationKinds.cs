using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>The names of the annotations that components agree on.</summary>
internal static class AnnotationKinds
{
    public const string SlotNames = "SlotNames";
    public const string KeyValues = "KeyValues";
    public const string IsNormalized = "IsNormalized";
    public const string ScoreColumnKind = "ScoreColumnKind";
    public const string ScoreValueKind = "ScoreValueKind";
    public const string ScoreColumnSetId = "ScoreColumnSetId";
    public const string TrainingLabelValues = "TrainingLabelValues";

    /// <summary>Adds a vector of text, as SlotNames and KeyValues are.</summary>
    public static void AddTexts(this DataViewSchema.Annotations.Builder builder, string kind, IReadOnlyList<string> texts)
    {
        var values = texts.Select(t => t.AsMemory()).ToArray();
        builder.Add(kind, new VectorDataViewType(TextDataViewType.Instance, values.Length),
            (ref VBuffer<ReadOnlyMemory<char>> destination) => VBuffer<ReadOnlyMemory<char>>.Copy(values, 0, ref destination, values.Length));
    }
}
