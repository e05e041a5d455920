using Microsoft.ML;

namespace MLNet.ViTPruning.Components;

/// <summary>Finds the model that an earlier scoring stage left on its Score column.</summary>
internal static class UpstreamModel
{
    /// <summary>The model on the visible column of that name.</summary>
    /// <exception cref="InvalidOperationException">There is none; the message names the remedy.</exception>
    public static ViTModel Find(DataViewSchema schema, string scoreColumnName, string estimator, string? otherRemedy = null)
    {
        var column = schema.GetColumnOrNull(scoreColumnName);
        if (column?.Annotations.Schema.GetColumnOrNull(ViTModelDataViewType.AnnotationKind) is null) throw Missing(scoreColumnName, estimator, otherRemedy);
        ViTModel? model = null;
        column.Value.Annotations.GetValue(ViTModelDataViewType.AnnotationKind, ref model);
        if (model?.Skipping is not null)
            throw new InvalidOperationException($"{estimator} found a model that skips patches on the column '{scoreColumnName}'; put ml.Transforms.SkipPatches(...) behind it, as the last stage that changes the model.");
        return model ?? throw Missing(scoreColumnName, estimator, otherRemedy);
    }

    /// <summary>The same check before there is data.</summary>
    public static SchemaShape.Column Check(SchemaShape schema, string scoreColumnName, string estimator, string? otherRemedy = null)
    {
        // The last column of a name is the visible one.
        foreach (var column in schema.Reverse())
            if (column.Name == scoreColumnName && column.Annotations.Any(annotation => annotation.Name == ViTModelDataViewType.AnnotationKind)) return column;
        throw Missing(scoreColumnName, estimator, otherRemedy);
    }

    private static InvalidOperationException Missing(string scoreColumnName, string estimator, string? otherRemedy) => new(
        $"{estimator} found no Vision Transformer on the column '{scoreColumnName}': put ml.Transforms.ScoreViT(...) before it in the pipeline{otherRemedy}.");
}
