using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>Predicts object by object. Not safe for several threads: one engine for each, over one transformer.</summary>
public sealed class PredictionEngine<TSrc, TDst> : PredictionEngineBase<TSrc, TDst>
    where TSrc : class
    where TDst : class, new()
{
    internal PredictionEngine(ITransformer transformer, PredictionEngineOptions options) : base(transformer, options) { }

    public override void Predict(TSrc example, ref TDst prediction) => Run(example, ref prediction);
}

/// <summary>Base of prediction engines.</summary>
public abstract class PredictionEngineBase<TSrc, TDst> : IDisposable
    where TSrc : class
    where TDst : class, new()
{
    private readonly ITransformer _transformer;
    private readonly bool _ownsTransformer;
    private readonly InputRow<TSrc> _input;
    private readonly DataViewRow _output;
    private readonly ObjectFiller<TDst> _filler;
    private bool _disposed;

    private protected PredictionEngineBase(ITransformer transformer, PredictionEngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(options);
        _transformer = transformer;
        _ownsTransformer = options.OwnsTransformer;
        if (!transformer.IsRowToRowMapper)
            throw new InvalidOperationException(
                "Must be a row mapper: a prediction engine cannot be made over a transformer that does not work row by row.");

        var inputMembers = BoundMember.Bind(typeof(TSrc), options.InputSchemaDefinition, SchemaDefinition.Direction.Read);
        var inputSchema = BoundMember.SchemaOf(inputMembers);
        var mapper = transformer.GetRowToRowMapper(inputSchema);
        OutputSchema = mapper.OutputSchema;

        var outputMembers = BoundMember.Bind(typeof(TDst), options.OutputSchemaDefinition, SchemaDefinition.Direction.Write);
        var bindings = ObjectFiller<TDst>.Match(outputMembers, OutputSchema, options.IgnoreMissingColumns);
        // The row's schema must be the very one that the mapper was bound to, also where the mapper keeps another instance of it.
        _input = new InputRow<TSrc>(inputMembers, mapper.InputSchema);
        _output = mapper.GetRow(_input, bindings.Select(b => b.Column));
        _filler = new ObjectFiller<TDst>(_output, bindings);
    }

    public DataViewSchema OutputSchema { get; }

    public TDst Predict(TSrc example)
    {
        var prediction = new TDst();
        Predict(example, ref prediction);
        return prediction;
    }

    /// <summary>Writes into an object that is there, using its arrays again.</summary>
    public abstract void Predict(TSrc example, ref TDst prediction);

    private protected void Run(TSrc example, ref TDst prediction)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _input.Extract(example);
        prediction ??= new TDst();
        _filler.Fill(prediction);
    }

    /// <summary>Disposes the rows and, where the engine owns it, the transformer.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _output.Dispose();
        if (_ownsTransformer) (_transformer as IDisposable)?.Dispose();
    }
}

/// <summary>How a prediction engine binds its classes.</summary>
public sealed class PredictionEngineOptions
{
    public PredictionEngineOptions() { }

    /// <summary>Whether members of the output class without a column keep their value.</summary>
    public bool IgnoreMissingColumns = true;
    public SchemaDefinition InputSchemaDefinition;
    public SchemaDefinition OutputSchemaDefinition;

    /// <summary>Whether disposing the engine disposes the transformer.</summary>
    public bool OwnsTransformer = true;
}
