namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>What structured DIMAP removes from attention. A run removes one or the other; the two are never ranked together.</summary>
public enum AttentionUnit
{
    /// <summary>Channels of query, key and value, equally many from every head of a block.</summary>
    Channels,

    /// <summary>Whole heads; those that stay keep all their channels.</summary>
    Heads,
}
