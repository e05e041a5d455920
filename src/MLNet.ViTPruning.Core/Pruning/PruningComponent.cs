namespace MLNet.ViTPruning.Pruning;

/// <summary>The sets of channels that structured pruning removes.</summary>
public enum PruningComponent
{
    /// <summary>Channels of the residual stream; one set for a stage (a plain ViT has one stage).</summary>
    Embed,

    /// <summary>Attention channels of a block: a channel of query, key and value together.</summary>
    Attention,

    /// <summary>Hidden channels of a block's MLP.</summary>
    Mlp,
}

/// <summary>Some channels of one set.</summary>
/// <param name="Component">What kind of channels.</param>
/// <param name="Index">The stage for <see cref="PruningComponent.Embed"/>, else the block, counted over all stages.</param>
/// <param name="Channels">Indices of the channels; each at most once.</param>
public sealed record ChannelGroup(PruningComponent Component, int Index, IReadOnlyList<int> Channels);
