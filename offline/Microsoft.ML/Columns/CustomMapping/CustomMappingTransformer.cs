using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(ITransformer), typeof(CustomMappingLoader), null, typeof(SignatureLoadModel), "Custom mapping", CustomMappingLoader.Loader)]

namespace Microsoft.ML.Transforms;

public sealed class CustomMappingTransformer<TSrc, TDst> : ITransformer
    where TSrc : class, new()
    where TDst : class, new()
{
    private readonly Action<TSrc, TDst> _map;
    private readonly string _contractName;
    private readonly BoundMember[] _outputs;

    internal CustomMappingTransformer(IHostEnvironment env, Action<TSrc, TDst> mapAction, string contractName,
        SchemaDefinition inputSchemaDefinition = null, SchemaDefinition outputSchemaDefinition = null)
    {
        ArgumentNullException.ThrowIfNull(env);
        ArgumentNullException.ThrowIfNull(mapAction);
        (_map, _contractName) = (mapAction, contractName);
        Inputs = BoundMember.Bind(typeof(TSrc), inputSchemaDefinition, SchemaDefinition.Direction.Write);
        _outputs = BoundMember.Bind(typeof(TDst), outputSchemaDefinition, SchemaDefinition.Direction.Read);
        Added = BoundMember.SchemaOf(_outputs);
    }

    internal BoundMember[] Inputs { get; }
    internal DataViewSchema Added { get; }

    bool ITransformer.IsRowToRowMapper => true;
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new Mapper(this, inputSchema).OutputSchema;
    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return RowMapping.Transform(new Mapper(this, input.Schema), input);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        if (string.IsNullOrEmpty(_contractName))
            throw new InvalidOperationException("A custom mapping without a contract name cannot be saved: give it one, and a CustomMappingFactory that carries it.");
        ctx.Begin(CustomMappingLoader.Signature, CustomMappingLoader.Loader);
        ctx.SaveNonEmptyString(_contractName);
    }

    private sealed class Mapper : RowMapper
    {
        private readonly CustomMappingTransformer<TSrc, TDst> _parent;
        private readonly (BoundMember Member, DataViewSchema.Column Column)[] _inputs;
        private readonly ConditionalWeakTable<DataViewRow, RowState> _states = [];

        internal Mapper(CustomMappingTransformer<TSrc, TDst> parent, DataViewSchema schema) : base(schema)
        {
            _parent = parent;
            _inputs = ObjectFiller<TSrc>.Match(parent.Inputs, schema, ignoreMissingColumns: false);
        }

        protected override DataViewSchema.DetachedColumn[] MakeColumns() => [.. _parent.Added.Select(c => new DataViewSchema.DetachedColumn(c))];
        protected override IEnumerable<DataViewSchema.Column> DependenciesOf(int added) => _inputs.Select(i => i.Column);

        protected override Delegate MakeGetter(DataViewRow input, int added, out Action disposer)
        {
            disposer = null;
            var state = _states.GetValue(input, row => new RowState(row, new ObjectFiller<TSrc>(row, _inputs), _parent._map));
            return MemberGetters.Create(_parent._outputs[added], state.Current);
        }
    }

    /// <summary>The objects of one cursor: the function runs once a row, however many of its columns are read.</summary>
    private sealed class RowState(DataViewRow row, ObjectFiller<TSrc> filler, Action<TSrc, TDst> map)
    {
        private readonly TSrc _source = new();
        private readonly TDst _result = new();
        private long _position = -1;

        internal TDst Current()
        {
            if (row.Position == _position) return _result;
            filler.Fill(_source);
            map(_source, _result);
            _position = row.Position;
            return _result;
        }
    }
}

/// <summary>Finds the function of a saved custom mapping by its contract.</summary>
internal static class CustomMappingLoader
{
    internal const string Loader = "CustomTransformer", Signature = "CUSTOMXF";

    internal static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.Begin(Signature, Loader);
        var contract = ctx.LoadNonEmptyString();
        if (!env.ComponentCatalog.TryFindExtension(typeof(CustomMappingFactoryAttributeAttribute), contract, out var type))
            throw new InvalidOperationException(
                $"No factory of the custom mapping '{contract}' is known: call mlContext.ComponentCatalog.RegisterAssembly(...) with the assembly that holds it before loading.");
        return Activator.CreateInstance(type) is ICustomMappingFactory factory
            ? factory.CreateTransformer(env, contract)
            : throw new InvalidOperationException($"{type}, which names the contract '{contract}', derives from no CustomMappingFactory<TSrc, TDst>.");
    }
}
