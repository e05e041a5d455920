namespace Microsoft.ML;

public abstract partial class TrainCatalogBase
{
    /// <summary>One fold of a cross-validation.</summary>
    public sealed class CrossValidationResult<T>
        where T : class
    {
        internal CrossValidationResult(ITransformer model, T metrics, IDataView scored, int fold) =>
            (Model, Metrics, ScoredHoldOutSet, Fold) = (model, metrics, scored, fold);

        public readonly ITransformer Model;
        public readonly T Metrics;

        /// <summary>The fold's rows as the model scores them.</summary>
        public readonly IDataView ScoredHoldOutSet;

        public readonly int Fold;
    }
}
