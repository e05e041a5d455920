using System.Collections;
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>What is known of a schema before any data are seen: names, item types, vector or not.</summary>
public sealed class SchemaShape : IReadOnlyList<SchemaShape.Column>
{
    private readonly Column[] _columns;

    internal static readonly SchemaShape Empty = new([]);

    public SchemaShape(IEnumerable<Column> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        _columns = [.. columns];
    }

    public int Count => _columns.Length;
    public Column this[int index] => _columns[index];
    public IEnumerator<Column> GetEnumerator() => ((IEnumerable<Column>)_columns).GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The shape of a schema's visible columns, their annotations included.</summary>
    internal static SchemaShape Create(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new(schema.Where(column => !column.IsHidden).Select(Column.Of));
    }

    internal bool TryFindColumn(string name, out Column column)
    {
        foreach (var c in _columns)
        {
            if (c.Name != name) continue;
            column = c;
            return true;
        }
        column = default;
        return false;
    }

    /// <summary>This shape with columns added; one of the same name is replaced.</summary>
    internal SchemaShape With(params IEnumerable<Column> added)
    {
        var result = new List<Column>(_columns);
        foreach (var column in added)
        {
            int at = result.FindIndex(c => c.Name == column.Name);
            if (at < 0) result.Add(column);
            else result[at] = column;
        }
        return new(result);
    }

    /// <summary>One column's shape.</summary>
    public readonly struct Column
    {
        public enum VectorKind { Scalar = 0, Vector = 1, VariableVector = 2 }

        public readonly string Name;
        public readonly VectorKind Kind;

        /// <summary>The type of a scalar or of a vector's items; for a key the number type it is stored in.</summary>
        public readonly DataViewType ItemType;
        public readonly bool IsKey;

        /// <summary>A column for each kind of annotation.</summary>
        public readonly SchemaShape Annotations;

        internal Column(string name, VectorKind vecKind, DataViewType itemType, bool isKey, SchemaShape annotations = null)
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            ArgumentNullException.ThrowIfNull(itemType);
            if (itemType is KeyDataViewType)
                throw new ArgumentException($"Column '{name}': give the number type of a key and isKey.", nameof(itemType));
            if (itemType is VectorDataViewType)
                throw new ArgumentException($"Column '{name}': give the item type of a vector and its kind.", nameof(itemType));
            if (isKey && !KeyDataViewType.IsValidDataType(itemType.RawType))
                throw new ArgumentException($"Column '{name}': {itemType} cannot be a key.", nameof(itemType));
            Name = name;
            Kind = vecKind;
            ItemType = itemType;
            IsKey = isKey;
            Annotations = annotations ?? Empty;
        }

        internal static Column Of(DataViewSchema.Column column)
        {
            var vector = column.Type as VectorDataViewType;
            var item = vector?.ItemType ?? column.Type;
            var kind = vector == null ? VectorKind.Scalar : vector.IsKnownSize ? VectorKind.Vector : VectorKind.VariableVector;
            bool isKey = item is KeyDataViewType;
            return new(column.Name, kind, isKey ? DataKinds.OfRawType(item.RawType) : item, isKey, Create(column.Annotations.Schema));
        }

        /// <summary>The type in words, for messages.</summary>
        internal string GetTypeString()
        {
            var item = IsKey ? $"Key<{ItemType}>" : ItemType.ToString();
            return Kind switch { VectorKind.Vector => $"Vector<{item}>", VectorKind.VariableVector => $"VarVector<{item}>", _ => item };
        }

        public override string ToString() => $"{Name}: {GetTypeString()}";
    }
}
