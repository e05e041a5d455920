using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Surgery;

/// <summary>State-dict keys of blocks, as timm names them.</summary>
internal static class BlockKeys
{
    /// <summary>What the keys of a block begin with, without the dot that follows.</summary>
    /// <param name="family">The model's family.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="block">The block's index within the stage.</param>
    public static string Prefix(ModelFamily family, int stage, int block) => family switch
    {
        ModelFamily.Vit => $"blocks.{block}",
        ModelFamily.PvtV2 => $"stages.{stage}.blocks.{block}",
        _ => $"layers.{stage}.blocks.{block}",
    };

    /// <summary>The same for every block of a model.</summary>
    public static List<string> Prefixes(ModelConfiguration configuration) =>
        [.. configuration.Stages.SelectMany((stage, s) => stage.Blocks.Select((_, i) => Prefix(configuration.Family, s, i)))];

    /// <summary>Where a key's part of a block ends, as in <c>blocks.3.norm1</c> of <c>blocks.3.norm1.weight</c>; null outside of blocks.</summary>
    /// <param name="name">A state-dict key.</param>
    public static int? SplitAfterHalf(string name)
    {
        const string blocks = "blocks.";
        int start = name.StartsWith(blocks, StringComparison.Ordinal) ? 0 : name.IndexOf("." + blocks, StringComparison.Ordinal) + 1;
        if (start == 0 && !name.StartsWith(blocks, StringComparison.Ordinal)) return null;
        int part = name.IndexOf('.', start + blocks.Length) + 1;
        return name.IndexOf('.', part);
    }
}
