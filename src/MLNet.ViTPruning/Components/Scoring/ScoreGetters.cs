using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Components;

/// <summary>Getters of the scoring columns over what a model said of a row.</summary>
internal static class ScoreGetters
{
    /// <param name="column">The column.</param>
    /// <param name="index">0 for Score, 1 for PredictedLabel, then the further ones of the settings.</param>
    /// <param name="settings">The stage's settings.</param>
    /// <param name="current">Gives what was said of the row the cursor stands on.</param>
    public static ValueGetter<TValue> Create<TValue>(DataViewSchema.Column column, int index, ScoringSettings settings, Func<ScoredRow> current)
    {
        Delegate getter = index > 1 ? SkipGetters.Create(settings.SkipColumns!.Wanted[index - 2].Column, current) : index == 0
            ? (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
            {
                var scores = current().Probabilities.Span;
                var editor = VBufferEditor.Create(ref value, scores.Length);
                scores.CopyTo(editor.Values);
                value = editor.Commit();
            })
            : (ValueGetter<uint>)((ref uint value) => value = (uint)IndexOfMax(current().Probabilities.Span) + 1);    // keys count from 1
        return getter as ValueGetter<TValue> ?? throw new InvalidOperationException(
            $"Invalid TValue in GetGetter for column '{column.Name}': {typeof(TValue)}, expected {column.Type.RawType}.");
    }

    private static int IndexOfMax(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best]) best = i;
        return best;
    }
}
