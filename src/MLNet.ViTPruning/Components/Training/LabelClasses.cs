using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Components;

/// <summary>The classes that a label column asks for.</summary>
/// <param name="Count">How many.</param>
/// <param name="Names">Their names in key order, or null where the column carries none.</param>
internal sealed record LabelClasses(int Count, IReadOnlyList<string>? Names)
{
    private const int Most = 1_000_000;     // a hashed label has two thousand million

    /// <exception cref="ArgumentOutOfRangeException">The column is missing or no key.</exception>
    public static LabelClasses Of(DataViewSchema schema, string labelColumnName)
    {
        var column = Column(schema, labelColumnName);
        var names = LabelNames.Of(column);
        var count = ((KeyDataViewType)column.Type).Count;
        return count is >= 2 and <= Most ? new((int)count, names is { } n && n.Count == (int)count ? n : null) : throw new ArgumentOutOfRangeException("inputSchema",
            $"Schema mismatch for input column '{labelColumnName}': expected a key of 2 to {Most} classes, got {count}");
    }

    /// <summary>The label column, checked.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or no key.</exception>
    public static DataViewSchema.Column Column(DataViewSchema schema, string labelColumnName)
    {
        var column = schema.GetColumnOrNull(labelColumnName)
            ?? throw new ArgumentOutOfRangeException("inputSchema", $"Could not find input column '{labelColumnName}'");
        return column.Type is KeyDataViewType && column.Type.RawType == typeof(uint) ? column : throw Mismatch(labelColumnName, column.Type.ToString()!);
    }

    /// <summary>The same check before there is data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or no key.</exception>
    public static void Check(SchemaShape schema, string labelColumnName)
    {
        var column = schema.LastOrDefault(c => c.Name == labelColumnName);
        if (column.Name is null) throw new ArgumentOutOfRangeException("inputSchema", $"Could not find input column '{labelColumnName}'");
        if (!column.IsKey || column.Kind != SchemaShape.Column.VectorKind.Scalar || column.ItemType.RawType != typeof(uint))
            throw Mismatch(labelColumnName, $"{column.Kind} of {column.ItemType}");
    }

    /// <summary>Whether a model has all of these classes, by name; where a side has no names, by number.</summary>
    public bool FitInto(ModelConfiguration configuration) => Names is null || configuration.LabelNames is null
        ? Count == configuration.NumClasses
        : Names.All(configuration.LabelNames.ToHashSet(StringComparer.Ordinal).Contains);

    private static ArgumentOutOfRangeException Mismatch(string name, string got) => new("inputSchema",
        $"Schema mismatch for input column '{name}': expected a key of UInt32, as MapValueToKey makes it, got {got}");
}
