using Microsoft.ML.Data;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Components;

/// <summary>The model that stands behind a Score column, as a later estimator of this library finds it there.</summary>
/// <remarks>It travels as the annotation <c>ViTModel</c>. The transformer that wrote the column owns the model: do not
/// dispose it, and do not use it after the transformer was disposed.</remarks>
public sealed class ViTModel
{
    internal ViTModel(VisionModel model, ScoringSettings settings, VisionModel first, string? plan = null)
    {
        Model = model;
        Settings = settings;
        First = first;
        Plan = plan;
    }

    /// <summary>The network, in eval mode; safe for concurrent forward passes.</summary>
    public VisionModel Model { get; }

    /// <summary>The chain's first model, the natural teacher: the one that was loaded, before any pruning.</summary>
    public VisionModel First { get; }

    /// <summary>How the model was pruned, as JSON; null where it was not.</summary>
    public string? Plan { get; }

    /// <summary>Sizes, preprocessing and label names.</summary>
    public ModelConfiguration Configuration => Model.Configuration;

    /// <summary>The model that skips patches around <see cref="Model"/>, or null where none does.</summary>
    internal MLNet.ViTPruning.PatchSkipping.PatchSkipModel? Skipping { get; init; }

    internal ScoringSettings Settings { get; }
}

/// <summary>The type of the annotation <c>ViTModel</c>.</summary>
public sealed class ViTModelDataViewType : StructuredDataViewType
{
    /// <summary>The annotation's kind.</summary>
    public const string AnnotationKind = "ViTModel";

    private ViTModelDataViewType()
        : base(typeof(ViTModel))
    {
    }

    /// <summary>The one instance.</summary>
    public static ViTModelDataViewType Instance { get; } = new();

    /// <inheritdoc/>
    public override bool Equals(DataViewType? other) => other is ViTModelDataViewType;

    /// <inheritdoc/>
    public override bool Equals(object? other) => other is ViTModelDataViewType;

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(ViTModelDataViewType).GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => AnnotationKind;
}
