using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Estimators in a row: each is fitted on what the ones before it deliver. A chain never changes, Append gives a new one.</summary>
public sealed class EstimatorChain<TLastTransformer> : IEstimator<TransformerChain<TLastTransformer>>
    where TLastTransformer : class, ITransformer
{
    private readonly EstimatorStage[] _stages;

    /// <summary>The last estimator, or null in an empty chain.</summary>
    public readonly IEstimator<TLastTransformer> LastEstimator;

    public EstimatorChain() => _stages = [];

    internal EstimatorChain(EstimatorStage[] stages)
    {
        _stages = stages;
        LastEstimator = stages[^1].Estimator as IEstimator<TLastTransformer>;
    }

    public TransformerChain<TLastTransformer> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        // A fault in a late stage's columns is said before an early stage has trained for hours.
        _ = GetOutputSchema(SchemaShape.Create(input.Schema));
        var data = input;
        var transformers = new ITransformer[_stages.Length];
        for (int i = 0; i < _stages.Length; i++)
        {
            transformers[i] = _stages[i].Estimator.Fit(data);
            if (i == _stages.Length - 1) break;
            data = transformers[i].Transform(data);
            if (_stages[i].CacheAfter) data = new CacheDataView(data);
        }
        return new(transformers, _stages.Select(s => s.Scope));
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var shape = inputSchema;
        foreach (var stage in _stages) shape = stage.Estimator.GetOutputSchema(shape);
        return shape;
    }

    public EstimatorChain<TNewTrans> Append<TNewTrans>(IEstimator<TNewTrans> estimator, TransformerScope scope = TransformerScope.Everything)
        where TNewTrans : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(estimator);
        return new([.. _stages, new(estimator, scope, CacheAfter: false)]);
    }

    /// <summary>Later estimators are fitted on a copy in memory of what the chain delivers so far. Scoring does not cache.</summary>
    public EstimatorChain<TLastTransformer> AppendCacheCheckpoint(IHostEnvironment env)
    {
        ArgumentNullException.ThrowIfNull(env);
        if (_stages.Length == 0)
            throw new InvalidOperationException(
                "A cache checkpoint follows an estimator; to cache the data before the first one use mlContext.Data.Cache.");
        if (_stages[^1].CacheAfter) return this;
        return new([.. _stages[..^1], _stages[^1] with { CacheAfter = true }]);
    }
}

internal readonly record struct EstimatorStage(IEstimator<ITransformer> Estimator, TransformerScope Scope, bool CacheAfter);
