using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Unified;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>Turns scores of groups into a plan. One threshold over all blocks of a kind of group says how many each block keeps: of the MLP its
/// best channels, of attention its best heads, or from every head its own best channels, equally many.</summary>
public static class StructuredDimapPlanner
{
    /// <summary>The method's name in plans.</summary>
    public const string Method = "dimap-structured";

    /// <summary>Scores a model and plans.</summary>
    /// <param name="model">The model; read, not changed.</param>
    /// <param name="options">What to keep.</param>
    /// <returns>The plan, with the hash of the model's weights.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the budget cannot be met.</exception>
    public static PruningPlan Plan(VisionModel model, StructuredDimapOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return Plan(model.Configuration, GroupDistortion.Score(model, options.AttentionUnit), options) with { WeightsHash = WeightsHash.Of(model) };
    }

    /// <summary>Plans by scores.</summary>
    /// <param name="configuration">The model before pruning.</param>
    /// <param name="scores">What <see cref="GroupDistortion.Score"/> gave for the same unit of attention.</param>
    /// <param name="options">What to keep.</param>
    /// <returns>The plan. Of equal scores within a block the earlier group's goes first, as among equal energies.</returns>
    /// <exception cref="ArgumentException">An option is out of range, the budget cannot be met, or the scores are of another model.</exception>
    public static PruningPlan Plan(ModelConfiguration configuration, ChannelScores scores, StructuredDimapOptions options)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Check.All([.. ScoreFaults.Find(configuration, scores)]);
        var sizes = StructuredSizes.Choose(configuration, scores, options);
        return new PruningPlan(Method, scores.Importance, [.. configuration.Blocks.Zip(sizes).Select((pair, i) => Block(pair.First, pair.Second, scores.Attention[i], scores.Mlp[i]))]);
    }

    private static BlockPlan Block(BlockConfiguration before, BlockConfiguration after, double[] attention, double[] mlp)
    {
        var hidden = Highest(mlp, 0, before.MlpHiddenDim, after.MlpHiddenDim);
        bool headsGo = after.Heads < before.Heads;
        var heads = headsGo ? Highest(StructuredSizes.HeadScores(attention, before), 0, before.Heads, after.Heads) : [.. Enumerable.Range(0, before.Heads)];
        return new BlockPlan(after.Heads, [.. heads.SelectMany(head => Highest(attention, head * before.HeadDim, before.HeadDim, after.HeadDim))], hidden)
        {
            KeptHeads = headsGo ? heads : null,
        };
    }

    private static List<int> Highest(double[] scores, int start, int length, int keep) =>
        [.. Enumerable.Range(start, length).OrderByDescending(i => scores[i]).ThenByDescending(i => i).Take(keep).Order()];
}
