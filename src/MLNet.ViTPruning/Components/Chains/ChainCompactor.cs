using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Components;

/// <summary>Drops the scoring stages of a chain whose outputs a later stage hides and nobody between reads.</summary>
internal static class ChainCompactor
{
    public static ITransformer Compact(ITransformer transformer)
    {
        var stages = Flatten(transformer, TransformerScope.Everything).ToList();
        var kept = stages.Where((stage, i) => !IsHidden(stages, i)).ToList();
        return kept.Count == stages.Count
            ? transformer
            : new TransformerChain<ITransformer>(kept.Select(stage => stage.Transformer), kept.Select(stage => stage.Scope));
    }

    private static bool IsHidden(List<(ITransformer Transformer, TransformerScope Scope)> stages, int index)
    {
        if (stages[index].Transformer is not IScoringStage stage) return false;
        for (int later = index + 1; later < stages.Count; later++)
        {
            // A hiding stage that is left out of the saved model would hide nothing there.
            if (stages[later].Transformer is not IScoringStage hiding || (stages[later].Scope & stages[index].Scope) != stages[index].Scope) continue;
            if (hiding.Settings.ScoreColumnName != stage.Settings.ScoreColumnName
                || hiding.Settings.PredictedLabelColumnName != stage.Settings.PredictedLabelColumnName) continue;
            // Further columns that nothing hides may be wanted at the end.
            if (stage.Settings.SkipColumns is { } own && own.Wanted.Any(c => hiding.Settings.SkipColumns?.Wanted.Any(h => h.Name == c.Name) != true)) return false;
            return NobodyReads(stage, stages.Skip(index + 1).Take(later - index - 1).Select(s => s.Transformer).ToList());
        }
        return false;
    }

    private static bool NobodyReads(IScoringStage stage, List<ITransformer> between)
    {
        string[] names = [stage.Settings.ScoreColumnName, stage.Settings.PredictedLabelColumnName];
        // Stages of this library read images only.
        if (between.All(t => t is IScoringStage s && !names.Contains(s.Settings.ImageColumnName))) return true;
        return stage.SchemaAtFit is { } schema && ColumnProbe.RunsOn(ColumnProbe.TypesOnly(schema, names), between);
    }

    // A chain tells its stages' scopes only by what it gives for each.
    private static IEnumerable<(ITransformer Transformer, TransformerScope Scope)> Flatten(ITransformer transformer, TransformerScope scope)
    {
        if (transformer is not IEnumerable<ITransformer> chain) return [(transformer, scope)];
        var scopes = new Dictionary<ITransformer, TransformerScope>(ReferenceEqualityComparer.Instance);
        foreach (var part in new[] { TransformerScope.Training, TransformerScope.Testing, TransformerScope.Scoring })
            foreach (var stage in ModelFor(transformer, part))
                scopes[stage] = scopes.GetValueOrDefault(stage) | part;
        return chain.SelectMany(stage => Flatten(stage, scope & scopes.GetValueOrDefault(stage)));
    }

    // GetModelFor stands on the generic chain; its type argument is known only at run time.
    private static IEnumerable<ITransformer> ModelFor(ITransformer chain, TransformerScope part) =>
        (IEnumerable<ITransformer>)chain.GetType().GetMethod(nameof(TransformerChain<ITransformer>.GetModelFor), [typeof(TransformerScope)])!.Invoke(chain, [part])!;
}
