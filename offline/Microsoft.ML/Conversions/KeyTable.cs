using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>The values that a column's keys stand for: value i has key i + 1.</summary>
internal abstract class KeyTable
{
    internal DataKind Kind { get; private protected init; }
    internal abstract int Count { get; }
    internal PrimitiveDataViewType ItemType => Kind.ToType();
    internal KeyDataViewType KeyType => new(typeof(uint), (ulong)Math.Max(1, Count)); // a key has one value at least

    /// <summary>A getter of keys over a column of this table's values, 0 for those not in it.</summary>
    internal abstract Delegate MakeGetter(DataViewRow row, DataViewSchema.Column input);

    internal abstract void AddKeyValues(DataViewSchema.Annotations.Builder annotations, bool asText);
    internal abstract void Save(BinaryWriter writer);

    /// <summary>An empty table for the items of a column type; <paramref name="fault"/> makes the exception where there is none.</summary>
    internal static KeyTableBuilder NewBuilder(DataViewType type, int maximum, bool byValue, Func<Exception> fault)
    {
        var kind = type.ItemType() is KeyDataViewType ? null : DataKinds.OfType(type.ItemType());
        if (kind is not { } known || !ItemTraits.Has(known)) throw fault();
        return (KeyTableBuilder)TypedCall.Invoke(typeof(KeyTable), nameof(Typed), null, [known.ToType().RawType], known, maximum, byValue);
    }

    private static KeyTableBuilder Typed<T>(DataKind kind, int maximum, bool byValue) => new KeyTableBuilder<T>(kind, maximum, byValue);

    internal static KeyTable Load(BinaryReader reader)
    {
        var kind = (DataKind)reader.ReadByte();
        if (!ItemTraits.Has(kind)) throw new InvalidDataException($"The model holds a table of keys of unknown kind {(int)kind}.");
        var count = reader.ReadInt32();
        if (count < 0) throw new InvalidDataException($"The model holds a table of {count} keys.");
        return (KeyTable)TypedCall.Invoke(typeof(KeyTable), nameof(LoadTyped), null, [kind.ToType().RawType], kind, count, reader);
    }

    private static KeyTable LoadTyped<T>(DataKind kind, int count, BinaryReader reader)
    {
        var traits = (ItemTraits<T>)ItemTraits.Of(kind);
        var values = new List<T>(); // grows as values are read: the count is only the file's word
        for (var i = 0; i < count; i++) values.Add(traits.Read(reader));
        return new KeyTable<T>(kind, traits, [.. values]);
    }
}

internal sealed class KeyTable<T> : KeyTable
{
    private readonly ItemTraits<T> _traits;
    private readonly T[] _values;
    private readonly Dictionary<T, uint> _keys;

    internal KeyTable(DataKind kind, ItemTraits<T> traits, T[] values)
    {
        (Kind, _traits, _values) = (kind, traits, values);
        _keys = new(values.Length, traits.Equality);
        for (var i = 0; i < values.Length; i++) _keys.TryAdd(values[i], (uint)i + 1);
    }

    internal override int Count => _values.Length;

    internal override Delegate MakeGetter(DataViewRow row, DataViewSchema.Column input) =>
        ColumnShapes.MapItems<T, uint>(row, input, value => _keys.GetValueOrDefault(value));

    internal override void AddKeyValues(DataViewSchema.Annotations.Builder annotations, bool asText)
    {
        if (Count == 0) return; // a vector of no known size would say nothing
        if (asText && Kind != DataKind.String)
        {
            annotations.AddTexts(AnnotationKinds.KeyValues, [.. _values.Select(_traits.Text)]);
            return;
        }
        annotations.Add(AnnotationKinds.KeyValues, new VectorDataViewType(ItemType, Count),
            (ref VBuffer<T> destination) => VBuffer<T>.Copy(_values, 0, ref destination, _values.Length));
    }

    internal override void Save(BinaryWriter writer)
    {
        writer.Write((byte)Kind);
        writer.Write(Count);
        foreach (var value in _values) _traits.Write(writer, value);
    }
}
