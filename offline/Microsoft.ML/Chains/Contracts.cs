namespace Microsoft.ML
{
    /// <summary>Writes itself into a model file.</summary>
    public interface ICanSaveModel
    {
        void Save(ModelSaveContext ctx);
    }

    /// <summary>Turns a data view into another, lazily.</summary>
    public interface ITransformer : ICanSaveModel
    {
        /// <summary>Whether each output row depends on one input row, so that <see cref="GetRowToRowMapper"/> works.</summary>
        bool IsRowToRowMapper { get; }

        DataViewSchema GetOutputSchema(DataViewSchema inputSchema);
        IDataView Transform(IDataView input);
        Data.IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema);
    }

    /// <summary>Learns a transformer from data.</summary>
    public interface IEstimator<out TTransformer>
        where TTransformer : ITransformer
    {
        TTransformer Fit(IDataView input);

        /// <summary>The shape of what the fitted transformer will deliver; throws where the input does not fit.</summary>
        SchemaShape GetOutputSchema(SchemaShape inputSchema);
    }
}

namespace Microsoft.ML.Data
{
    /// <summary>A transformer bound to one input schema, row by row.</summary>
    public interface IRowToRowMapper
    {
        DataViewSchema InputSchema { get; }
        DataViewSchema OutputSchema { get; }

        /// <summary>The input columns that are needed to deliver <paramref name="dependingColumns"/>.</summary>
        IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns);

        /// <summary>A row over <paramref name="input"/>; disposing it disposes the input.</summary>
        DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns);
    }

    [Flags]
    public enum TransformerScope
    {
        None = 0,
        Training = 1 << 0,
        Testing = 1 << 1,
        Scoring = 1 << 2,
        TrainTest = Training | Testing,
        Everything = Training | Testing | Scoring,
    }
}
