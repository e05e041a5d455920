using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class DataOperationsCatalog
{
    /// <summary>Splits the rows by chance into two sets.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="testFraction">The share of the test set, about.</param>
    /// <param name="samplingKeyColumnName">Rows with the same value there stay together.</param>
    /// <param name="seed">Fixes the split; by default it follows from the context's seed.</param>
    public TrainTestData TrainTestSplit(IDataView data, double testFraction = 0.1, string samplingKeyColumnName = null, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!(testFraction > 0 && testFraction < 1))
            throw new ArgumentOutOfRangeException(nameof(testFraction), testFraction, "The fraction lies between 0 and 1, both exclusive.");
        var split = new Split(data, samplingKeyColumnName, seed ?? NextSeed("TrainTestSplit"));
        return new(split.Rows(u => u >= testFraction), split.Rows(u => u < testFraction));
    }

    /// <summary>As many splits as folds: each row is in the test set of one and in the train sets of the others.</summary>
    public IReadOnlyList<TrainTestData> CrossValidationSplit(IDataView data, int numberOfFolds = 5, string samplingKeyColumnName = null, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (numberOfFolds <= 1) throw new ArgumentOutOfRangeException(nameof(numberOfFolds), numberOfFolds, "There are at least two folds.");
        var split = new Split(data, samplingKeyColumnName, seed ?? NextSeed("CrossValidationSplit"));
        var folds = new TrainTestData[numberOfFolds];
        for (int f = 0; f < numberOfFolds; f++)
        {
            int fold = f;
            bool InFold(double u) => Math.Min((int)(u * numberOfFolds), numberOfFolds - 1) == fold;
            folds[f] = new(split.Rows(u => !InFold(u)), split.Rows(InFold));
        }
        return folds;
    }

    private sealed class Split
    {
        private readonly IDataView _data;
        private readonly DataViewSchema.Column? _key;
        private readonly int _seed;

        public Split(IDataView data, string samplingKeyColumnName, int seed)
        {
            _data = data;
            _seed = seed;
            if (samplingKeyColumnName == null) return;
            _key = data.Schema.GetColumnOrNull(samplingKeyColumnName)
                ?? throw SchemaFault.Missing("sampling key", samplingKeyColumnName, nameof(samplingKeyColumnName));
            if (!SamplingFilter.CanHash(_key.Value.Type))
                throw SchemaFault.Mismatch(
                    "sampling key", samplingKeyColumnName, "a number, key, text or boolean", _key.Value.Type.ToString(), nameof(samplingKeyColumnName));
        }

        public IDataView Rows(Func<double, bool> keep) => new SamplingFilter(_data, _key, _seed, keep);
    }
}
