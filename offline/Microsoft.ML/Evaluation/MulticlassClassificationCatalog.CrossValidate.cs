using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class MulticlassClassificationCatalog
{
    /// <summary>Trains on all folds but one and evaluates on that one, for each in turn.</summary>
    public IReadOnlyList<CrossValidationResult<MulticlassClassificationMetrics>> CrossValidate(IDataView data, IEstimator<ITransformer> estimator,
        int numberOfFolds = 5, string labelColumnName = "Label", string samplingKeyColumnName = null, int? seed = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(estimator);
        var folds = new DataOperationsCatalog(Environment).CrossValidationSplit(data, numberOfFolds, samplingKeyColumnName, seed);
        return [.. folds.Select((fold, i) =>
        {
            var model = estimator.Fit(fold.TrainSet);
            var scored = model.Transform(fold.TestSet);
            return new CrossValidationResult<MulticlassClassificationMetrics>(model, Evaluate(scored, labelColumnName), scored, i);
        })];
    }
}
