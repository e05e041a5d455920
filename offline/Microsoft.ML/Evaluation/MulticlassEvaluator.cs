namespace Microsoft.ML.Data;

/// <summary>Reads labels and scores once and sums them up.</summary>
internal static class MulticlassEvaluator
{
    internal static MulticlassClassificationMetrics Evaluate(IDataView data, string labelName, string scoreName, string predictedName, int topK)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(labelName);
        ArgumentException.ThrowIfNullOrEmpty(scoreName);
        ArgumentException.ThrowIfNullOrEmpty(predictedName);
        if (topK < 0) throw new ArgumentOutOfRangeException(nameof(topK), topK, "topKPredictionCount must not be negative.");
        var label = Column(data, labelName, "label");
        var score = Column(data, scoreName, "score");
        Column(data, predictedName, "predicted label");
        if (score.Type is not VectorDataViewType { IsKnownSize: true, ItemType: NumberDataViewType { RawType: var raw } } vector || raw != typeof(float))
            throw new ArgumentOutOfRangeException(nameof(data), $"Schema mismatch for score column '{scoreName}': expected known-size vector of Single, got {score.Type}");

        var counts = new MulticlassCounts(vector.Size);
        using var cursor = data.GetRowCursor([label, score]);
        var getLabel = LabelGetter(cursor, label);
        var getScore = cursor.GetGetter<VBuffer<float>>(score);
        VBuffer<float> scores = default, dense = default;
        while (cursor.MoveNext())
        {
            var index = getLabel();
            if (index < 0) continue;
            getScore(ref scores);
            scores.CopyToDense(ref dense);
            if (dense.Length != vector.Size) throw new InvalidOperationException($"Row {cursor.Position} has {dense.Length} scores instead of {vector.Size}.");
            counts.Add(index, dense.GetValues());
        }
        return new MulticlassClassificationMetrics(counts, topK, ClassNames(score, label, vector.Size));
    }

    private static DataViewSchema.Column Column(IDataView data, string name, string role) =>
        data.Schema.GetColumnOrNull(name) ?? throw new ArgumentOutOfRangeException(nameof(data), $"There is no {role} column '{name}'.");

    // 0-based class or -1 for a missing label
    private static Func<int> LabelGetter(DataViewRow row, DataViewSchema.Column label) => label.Type switch
    {
        KeyDataViewType { RawType: var t } when t == typeof(byte) => Keys<byte>(row, label, v => v),
        KeyDataViewType { RawType: var t } when t == typeof(ushort) => Keys<ushort>(row, label, v => v),
        KeyDataViewType { RawType: var t } when t == typeof(uint) => Keys<uint>(row, label, v => v),
        KeyDataViewType => Keys<ulong>(row, label, v => v),
        NumberDataViewType { RawType: var t } when t == typeof(float) => Numbers<float>(row, label, v => v),
        NumberDataViewType { RawType: var t } when t == typeof(double) => Numbers<double>(row, label, v => v),
        _ => throw new ArgumentOutOfRangeException(nameof(label), $"Schema mismatch for label column '{label.Name}': expected Key, Single or Double, got {label.Type}"),
    };

    private static Func<int> Keys<T>(DataViewRow row, DataViewSchema.Column label, Func<T, ulong> number)
    {
        var getter = row.GetGetter<T>(label);
        T value = default;
        return () =>
        {
            getter(ref value);
            return (int)Math.Min(number(value), int.MaxValue) - 1; // keys are 1-based, 0 is missing
        };
    }

    private static Func<int> Numbers<T>(DataViewRow row, DataViewSchema.Column label, Func<T, double> number)
    {
        var getter = row.GetGetter<T>(label);
        T value = default;
        return () =>
        {
            getter(ref value);
            var d = number(value);
            if (double.IsNaN(d)) return -1;
            if (d < 0 || d > int.MaxValue || d != Math.Floor(d))
                throw new InvalidOperationException($"Label {d} at row {row.Position} is no class: a label that is a number is a whole one from 0.");
            return (int)d;
        };
    }

    private static string[] ClassNames(DataViewSchema.Column score, DataViewSchema.Column label, int classes)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        if (score.HasSlotNames()) score.GetSlotNames(ref names);
        else if (label.HasKeyValues(TextDataViewType.Instance)) label.GetKeyValues(ref names);
        return names.Length == classes && classes > 0 ? [.. names.DenseValues().Select(n => n.ToString())] : null;
    }
}
