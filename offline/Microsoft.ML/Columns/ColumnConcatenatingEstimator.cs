using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Joins columns of one item type into a vector.</summary>
public sealed class ColumnConcatenatingEstimator : IEstimator<ColumnConcatenatingTransformer>
{
    private readonly IHost _host;
    private readonly string _output;
    private readonly string[] _inputs;

    internal ColumnConcatenatingEstimator(IHostEnvironment env, string outputColumnName, params string[] inputColumnNames)
    {
        _host = env.Register(nameof(ColumnConcatenatingEstimator));
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentNullException.ThrowIfNull(inputColumnNames);
        if (inputColumnNames.Any(string.IsNullOrEmpty)) throw new ArgumentException("An input column has no name.", nameof(inputColumnNames));
        (_output, _inputs) = (outputColumnName, inputColumnNames);
    }

    public ColumnConcatenatingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _ = GetOutputSchema(SchemaShape.Create(input.Schema));
        var transformer = new ColumnConcatenatingTransformer(_host, _output, _inputs);
        _ = transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        if (_inputs.Length == 0) throw new ArgumentException($"Column '{_output}' is to be joined from no columns.", nameof(inputSchema));
        var columns = _inputs.Select(inputSchema.Find).ToArray();
        foreach (var column in columns)
            if (!column.ItemType.Equals(columns[0].ItemType) || column.IsKey != columns[0].IsKey)
                throw SchemaFault.Mismatch("input", column.Name, columns[0].ItemType.ToString(), column.GetTypeString());
        var variable = columns.Any(c => c.Kind == SchemaShape.Column.VectorKind.VariableVector);
        var named = !variable && columns.Any(c => c.Kind == SchemaShape.Column.VectorKind.Scalar || c.Annotations.TryFindColumn(AnnotationKinds.SlotNames, out _));
        var annotations = named
            ? new SchemaShape([new SchemaShape.Column(AnnotationKinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false)])
            : null;
        var kind = variable ? SchemaShape.Column.VectorKind.VariableVector : SchemaShape.Column.VectorKind.Vector;
        return inputSchema.With([new SchemaShape.Column(_output, kind, columns[0].ItemType, columns[0].IsKey, annotations)]);
    }
}
