using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>What pruning of single weights made.</summary>
/// <param name="Model">The model in eval mode with its <see cref="VisionModel.WeightMasks"/>, owned by the caller.</param>
/// <param name="Plan">What every tensor lost.</param>
public sealed record WeightPruningResult(VisionModel Model, WeightPlan Plan);

/// <summary>Prunes single weights by <see cref="DimapOptions"/> or <see cref="MagnitudeOptions"/>, without images: weights become zero and are
/// masked, tensors keep their sizes. There is no speed-up.</summary>
/// <remarks>Of n weights that are ranked together with the ratio p exactly floor(p n) go. What was masked before stays masked.</remarks>
public static class WeightPruner
{
    /// <summary>Number of a model's weights that may go: those of the attention and MLP matrices.</summary>
    /// <param name="model">The model.</param>
    /// <returns>Their number.</returns>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static long CountPrunable(VisionModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return PrunableWeight.Of(model).Sum(weight => (long)weight.Count);
    }

    /// <summary>Prunes a copy.</summary>
    /// <param name="model">The model; not changed.</param>
    /// <param name="options">The method.</param>
    /// <returns>The pruned copy, on the same device, and what it lost.</returns>
    /// <exception cref="ArgumentException">An option is out of range, the budget cannot be kept, or a weight is no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static WeightPruningResult Prune(VisionModel model, WeightPruningOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var pruned = model.Copy();
        try
        {
            pruned.Precision = model.Precision;
            return new WeightPruningResult(pruned, PruneInPlace(pruned, options));
        }
        catch
        {
            pruned.Dispose();
            throw;
        }
    }

    /// <summary>Prunes a model itself.</summary>
    /// <param name="model">The model, on any device; its weights and masks change. Nobody may use it meanwhile.</param>
    /// <param name="options">The method.</param>
    /// <returns>What it lost.</returns>
    /// <exception cref="ArgumentException">An option is out of range, the budget cannot be kept, or a weight is no finite number; nothing was
    /// changed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was changed.</exception>
    public static WeightPlan PruneInPlace(VisionModel model, WeightPruningOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        int threads = get_num_threads();
        var pools = Score(PrunableWeight.Of(model), options, threads);
        options.Progress?.Report(0.5);    // as long as all that follows
        IReadOnlyList<PoolCut> Cut(Func<WeightModule, double> ratio) => [.. pools.Select(pool =>
            pool.Pool.Cut((long)Math.Floor((decimal)ratio(pool.Module) * pool.Pool.Count), options.CancellationToken))];
        var cuts = options.Budget is null ? Cut(options.RatioOf) : Cut(AllModules(BudgetRatio.Of(model, options.Budget, ratio => [.. Cut(AllModules(ratio)).SelectMany(cut => cut.Cuts)])));
        var plan = Mask(model, options, cuts, threads);
        options.Progress?.Report(1);
        return plan;
    }

    private static Func<WeightModule, double> AllModules(double ratio) => _ => ratio;

    private static List<(WeightModule Module, WeightPool Pool)> Score(List<PrunableWeight> weights, WeightPruningOptions options, int threads)
    {
        using var sorters = new ThreadLocal<MagnitudeSorter>(() => new MagnitudeSorter());
        var profiles = new ScoreProfile[weights.Count];
        // The largest first, so that no thread is left with one of them at the end.
        Parallelism.ForEach(Enumerable.Range(0, weights.Count).OrderByDescending(i => weights[i].Count), threads, options.CancellationToken,
            i => profiles[i] = ScoreProfile.Of(weights[i], sorters.Value!, options.IsRelative));
        return [.. profiles.GroupBy(profile => options.PoolOf(profile.Weight)).Select(pool => (pool.First().Weight.Module, new WeightPool([.. pool], threads)))];
    }

    private static WeightPlan Mask(VisionModel model, WeightPruningOptions options, IReadOnlyList<PoolCut> cuts, int threads)
    {
        var thresholds = cuts.SelectMany(pool => pool.Cuts.Select(cut => (cut.Weight.Name, pool.Threshold))).ToDictionary(entry => entry.Name, entry => entry.Threshold);
        var all = cuts.SelectMany(pool => pool.Cuts).ToList();
        var marked = new Tensor?[all.Count];
        var masks = model.WeightMasks.ToDictionary(mask => mask.Key, mask => mask.Value);
        try
        {
            Parallelism.ForEach(Enumerable.Range(0, all.Count), threads, options.CancellationToken, i => marked[i] = MaskOf(all[i], masks.GetValueOrDefault(all[i].Weight.Name)));
            for (int i = 0; i < all.Count; i++) masks[all[i].Weight.Name] = marked[i]!;
            model.SetWeightMasks(masks);
            long Removed(WeightCut cut)
            {
                using var kept = masks[cut.Weight.Name].count_nonzero();
                return cut.Weight.Count - kept.ToInt64();
            }
            var removed = all.ToDictionary(cut => cut.Weight.Name, Removed);
            // In the order of the layers, not of the pools.
            return new WeightPlan(options.Method, options.ScopeName, [.. PrunableWeight.Of(model).Select(weight =>
                new TensorSparsity(weight.Name, weight.Module, weight.Count, removed[weight.Name], thresholds[weight.Name]))]);
        }
        finally
        {
            foreach (var mask in marked) mask?.Dispose();
        }
    }

    private static Tensor MaskOf(WeightCut cut, Tensor? before)
    {
        var mask = empty(cut.Weight.Weight.shape, ScalarType.Bool, CPU).DetachFromDisposeScope();
        cut.Weight.Use(bits => cut.Mark(bits, mask.bytes));
        if (before is not null) mask.logical_and_(before);
        return mask;
    }
}
