using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>Finds the ratio that keeps a budget for the whole model.</summary>
internal static class BudgetRatio
{
    private const double Precision = 1e-9;
    private const double Most = 1 - 1e-6;    // every tensor keeps something to compute with

    /// <summary>The lowest ratio with which a model keeps the budget.</summary>
    /// <param name="model">The model.</param>
    /// <param name="budget">The budget.</param>
    /// <param name="cut">What goes of every tensor with a ratio; more goes with a higher one.</param>
    /// <exception cref="ArgumentException">Too little of the model can go.</exception>
    public static double Of(VisionModel model, PruningBudget budget, Func<double, IReadOnlyList<WeightCut>> cut) =>
        budget.Measure == BudgetMeasure.Parameters ? OfParameters(model, budget.KeepRatio, cut) : OfMacs(model, budget.KeepRatio, cut);

    private static double OfParameters(VisionModel model, double keepRatio, Func<double, IReadOnlyList<WeightCut>> cut)
    {
        long all = ModelSize.Of(model.Configuration).Parameters, weights = WeightPruner.CountPrunable(model);
        double ratio = (1 - keepRatio) * all / weights;
        if (ratio > Most) throw Unreachable(keepRatio, BudgetMeasure.Parameters, 1 - Most * weights / all);
        // Each pool rounds down: of many small ones a little more must be asked for.
        long goes = all - (long)(all * keepRatio);
        return Lowest(ratio, tried => cut(tried).Sum(tensor => (long)tensor.Removed) >= goes);
    }

    private static double OfMacs(VisionModel model, double keepRatio, Func<double, IReadOnlyList<WeightCut>> cut)
    {
        var uses = WeightUses.Of(model.Configuration);
        double all = ModelSize.Of(model.Configuration).Macs;
        double Kept(double ratio) => 1 - cut(ratio).Sum(tensor => (double)uses[tensor.Weight.Name] * tensor.Removed) / all;
        if (Kept(Most) is var least && least > keepRatio) throw Unreachable(keepRatio, BudgetMeasure.Macs, least);
        return Lowest(0, ratio => Kept(ratio) <= keepRatio);
    }

    /// <summary>The lowest ratio from a given one on that suffices; the highest where none does.</summary>
    private static double Lowest(double low, Func<double, bool> suffices)
    {
        if (suffices(low)) return low;
        double high = Most;
        while (high - low > Precision)
        {
            double middle = (low + high) / 2;
            if (suffices(middle)) high = middle;
            else low = middle;
        }
        return high;
    }

    private static ArgumentException Unreachable(double keepRatio, BudgetMeasure measure, double least) => new(FormattableString.Invariant(
        $"Budget.KeepRatio is {keepRatio}; what is never pruned is {least:P1} of the model's {measure.ToString().ToLowerInvariant()}, expected more than that."));
}
