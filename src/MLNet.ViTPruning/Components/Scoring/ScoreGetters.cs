using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Components;

/// <summary>Getters of the two scoring columns over a row's probabilities.</summary>
internal static class ScoreGetters
{
    /// <param name="column">Score or PredictedLabel.</param>
    /// <param name="isScore">Which of the two.</param>
    /// <param name="current">Gives the probabilities of the row the cursor stands on.</param>
    public static ValueGetter<TValue> Create<TValue>(DataViewSchema.Column column, bool isScore, Func<ReadOnlyMemory<float>> current)
    {
        Delegate getter = isScore
            ? (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
            {
                var scores = current().Span;
                var editor = VBufferEditor.Create(ref value, scores.Length);
                scores.CopyTo(editor.Values);
                value = editor.Commit();
            })
            : (ValueGetter<uint>)((ref uint value) => value = (uint)IndexOfMax(current().Span) + 1);    // keys count from 1
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
