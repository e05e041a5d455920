namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>DIMAP's modules: the weight matrices of all blocks of all stages that do the same work. What is in none of them is never pruned:
/// embeddings, norms, patch merging and downsampling, convolutions, biases, position tables and heads.</summary>
public enum WeightModule
{
    /// <summary>The matrices that make query, key and value.</summary>
    Qkv,

    /// <summary>The attention's output projections.</summary>
    Projection,

    /// <summary>Both matrices of every MLP.</summary>
    Mlp,
}
