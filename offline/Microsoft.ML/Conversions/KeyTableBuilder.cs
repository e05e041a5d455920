using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Collects the different values of a column while its rows pass.</summary>
internal abstract class KeyTableBuilder
{
    /// <summary>What to call for each row.</summary>
    internal abstract Action Reader(DataViewRow row, DataViewSchema.Column input);
    internal abstract KeyTable Finish();
}

internal sealed class KeyTableBuilder<T>(DataKind kind, int maximum, bool byValue) : KeyTableBuilder
{
    private readonly ItemTraits<T> _traits = (ItemTraits<T>)ItemTraits.Of(kind);
    private readonly List<T> _values = [];
    private HashSet<T> _seen;

    internal override Action Reader(DataViewRow row, DataViewSchema.Column input)
    {
        _seen = new(_traits.Equality);
        if (input.Type is VectorDataViewType)
        {
            var getVector = row.GetGetter<VBuffer<T>>(input);
            VBuffer<T> vector = default, dense = default;
            return () =>
            {
                getVector(ref vector);
                vector.CopyToDense(ref dense);
                foreach (var value in dense.GetValues()) Add(value);
            };
        }
        var get = row.GetGetter<T>(input);
        T item = default;
        return () =>
        {
            get(ref item);
            Add(item);
        };
    }

    private void Add(T value)
    {
        if (_values.Count >= maximum || _traits.IsMissing(value) || _seen.Contains(value)) return;
        value = _traits.Own(value); // the row may use its memory again
        _seen.Add(value);
        _values.Add(value);
    }

    internal override KeyTable Finish()
    {
        if (byValue) _values.Sort(_traits.Order);
        return new KeyTable<T>(kind, _traits, [.. _values]);
    }
}
