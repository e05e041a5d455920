namespace MLNet.ViTPruning.Distillation;

/// <summary>What a student takes from its teacher, beside the labels.</summary>
public enum DistillationKind
{
    /// <summary>The probabilities: alpha * T² * KL(teacher || student), both softened by the temperature T.</summary>
    Soft,

    /// <summary>The most probable class: alpha * cross-entropy with the teacher's decision.</summary>
    Hard,

    /// <summary>The pooled features that the head reads: alpha * mean squared error. Both widths must be equal.</summary>
    Feature,
}
