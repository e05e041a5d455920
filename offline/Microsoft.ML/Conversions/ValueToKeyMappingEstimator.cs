using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Learns the values of columns and gives each a key.</summary>
public sealed class ValueToKeyMappingEstimator : IEstimator<ValueToKeyMappingTransformer>
{
    /// <summary>The order of the keys.</summary>
    public enum KeyOrdinality : byte
    {
        /// <summary>As the values first occur.</summary>
        ByOccurrence = 0,
        /// <summary>As the values sort; texts by their characters' codes.</summary>
        ByValue = 1,
    }

    private readonly IHost _host;
    private readonly (string outputColumnName, string inputColumnName)[] _columns;
    private readonly int _maximum;
    private readonly KeyOrdinality _order;
    private readonly bool _asText;
    private readonly IDataView _keyData;

    internal ValueToKeyMappingEstimator(IHostEnvironment env, (string outputColumnName, string inputColumnName)[] columns,
        int maximumNumberOfKeys, KeyOrdinality keyOrdinality, bool addKeyValueAnnotationsAsText, IDataView keyData)
    {
        _host = env.Register(nameof(ValueToKeyMappingEstimator));
        if (maximumNumberOfKeys <= 0) throw new ArgumentOutOfRangeException(nameof(maximumNumberOfKeys), maximumNumberOfKeys, "At least one key must be allowed.");
        if (keyData != null && keyData.Schema.Count(c => !c.IsHidden) != 1)
            throw new ArgumentException($"keyData must have one column, it has {keyData.Schema.Count}.", nameof(keyData));
        (_columns, _maximum, _order, _asText, _keyData) = (columns, maximumNumberOfKeys, keyOrdinality, addKeyValueAnnotationsAsText, keyData);
    }

    public ValueToKeyMappingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var inputs = _columns.Select(c => input.Schema.GetColumnOrNull(c.inputColumnName) ?? throw SchemaFault.Missing("input", c.inputColumnName)).ToArray();
        var builders = inputs.Select(c => KeyTable.NewBuilder(c.Type, _maximum, _order == KeyOrdinality.ByValue, () => Mismatch(c.Name, c.Type.ToString()))).ToArray();
        var sources = inputs;
        if (_keyData != null)
        {
            var keys = _keyData.Schema.Single(c => !c.IsHidden);
            foreach (var column in inputs)
                if (!keys.Type.Equals(column.Type.ItemType())) throw SchemaFault.Mismatch("keyData", keys.Name, column.Type.ItemType().ToString(), keys.Type.ToString());
            sources = [.. inputs.Select(_ => keys)];
        }
        using (var cursor = (_keyData ?? input).GetRowCursor(sources.DistinctBy(c => c.Index)))
        {
            var readers = builders.Select((b, i) => b.Reader(cursor, sources[i])).ToArray();
            while (cursor.MoveNext())
                foreach (var read in readers) read();
        }
        return new ValueToKeyMappingTransformer(_host, _columns, [.. builders.Select(b => b.Finish())], [.. _columns.Select(_ => _asText)]);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With([.. _columns.Select(pair =>
    {
        var input = inputSchema.Find(pair.inputColumnName);
        if (input.IsKey || DataKinds.OfType(input.ItemType) is not { } kind || !ItemTraits.Has(kind)) throw Mismatch(input.Name, input.GetTypeString());
        var item = _asText ? TextDataViewType.Instance : input.ItemType;
        var annotations = new SchemaShape([
            .. input.Annotations.Keep(AnnotationKinds.SlotNames),
            new SchemaShape.Column(AnnotationKinds.KeyValues, SchemaShape.Column.VectorKind.Vector, item, false)]);
        return new SchemaShape.Column(pair.outputColumnName, input.Kind, NumberDataViewType.UInt32, true, annotations);
    })]);

    private static ArgumentOutOfRangeException Mismatch(string column, string got) =>
        SchemaFault.Mismatch("input", column, "numbers, text or booleans, or a vector of them", got);
}
