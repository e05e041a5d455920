using System.Collections.Immutable;
using Microsoft.ML.Data;

namespace Microsoft.ML
{
    /// <summary>Shows the first rows of data while debugging.</summary>
    public static class DebuggerExtensions
    {
        public static DataDebuggerPreview Preview(this IDataView data, int maxRows = 100)
        {
            ArgumentNullException.ThrowIfNull(data);
            if (maxRows < 0) throw new ArgumentOutOfRangeException(nameof(maxRows), maxRows, "The number of rows is at least 0.");
            return new(data, maxRows);
        }

        public static DataDebuggerPreview Preview(this ITransformer transformer, IDataView data, int maxRows = 100)
        {
            ArgumentNullException.ThrowIfNull(transformer);
            return transformer.Transform(data).Preview(maxRows);
        }

        /// <summary>Fits on the first <paramref name="maxTrainingRows"/> rows and shows what comes out.</summary>
        public static DataDebuggerPreview Preview(this IEstimator<ITransformer> estimator, IDataView data, int maxRows = 100, int maxTrainingRows = 100)
        {
            ArgumentNullException.ThrowIfNull(estimator);
            ArgumentNullException.ThrowIfNull(data);
            return estimator.Fit(new SkipTakeDataView(data, 0, maxTrainingRows)).Preview(data, maxRows);
        }
    }
}

namespace Microsoft.ML.Data
{
    /// <summary>Rows read into memory.</summary>
    public sealed class DataDebuggerPreview
    {
        internal DataDebuggerPreview(IDataView data, int maxRows)
        {
            Schema = data.Schema;
            using var cursor = data.GetRowCursor(Schema);
            var readers = Schema.Select(c => (Func<object>)TypedCall.Invoke(typeof(DataDebuggerPreview), nameof(Boxed), null, [c.Type.RawType], cursor, c)).ToArray();
            var rows = ImmutableArray.CreateBuilder<RowInfo>();
            while (rows.Count < maxRows && cursor.MoveNext())
                rows.Add(new([.. Schema.Select(c => new KeyValuePair<string, object>(c.Name, readers[c.Index]()))]));
            RowView = rows.ToImmutable();
            ColumnView = [.. Schema.Select(c => new ColumnInfo(c, [.. RowView.Select(r => r.Values[c.Index].Value)]))];
        }

        public DataViewSchema Schema { get; }
        public ImmutableArray<ColumnInfo> ColumnView { get; }
        public ImmutableArray<RowInfo> RowView { get; }

        public override string ToString() => $"{Schema.Count} columns, {RowView.Length} rows";

        private static Func<object> Boxed<T>(DataViewRow row, DataViewSchema.Column column)
        {
            var getter = row.GetGetter<T>(column);
            return () =>
            {
                T value = default;
                getter(ref value);
                return value;
            };
        }

        public sealed class RowInfo
        {
            internal RowInfo(KeyValuePair<string, object>[] values) => Values = values;
            public KeyValuePair<string, object>[] Values { get; }
        }

        public sealed class ColumnInfo
        {
            internal ColumnInfo(DataViewSchema.Column column, object[] values) => (Column, Values) = (column, values);
            public DataViewSchema.Column Column { get; }
            public object[] Values { get; }
        }
    }
}
