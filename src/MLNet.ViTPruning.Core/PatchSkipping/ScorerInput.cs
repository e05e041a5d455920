namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>What a scorer reads of a patch's surroundings.</summary>
public enum ScorerInput
{
    /// <summary>The patch's token alone, as published.</summary>
    Token,

    /// <summary>The token and the class token.</summary>
    TokenAndClass,

    /// <summary>The token and the mean of its neighbours on the grid, up to eight.</summary>
    TokenAndNeighbours,
}
