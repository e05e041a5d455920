namespace Microsoft.ML.Data;

/// <summary>Names the column type of a member of a class: <c>[ImageType(224, 224)]</c> on an image property, for example.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public abstract class DataViewTypeAttribute : Attribute, IEquatable<DataViewTypeAttribute>
{
    public DataViewTypeAttribute() { }

    /// <summary>Tells <see cref="DataViewTypeManager"/> which column type stands for this attribute and the member's type.</summary>
    public abstract void Register();

    public abstract bool Equals(DataViewTypeAttribute other);
}

/// <summary>Knows which column type a .NET type of a user's class becomes. The table is one per process.</summary>
public static class DataViewTypeManager
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<Type, List<(DataViewType ColumnType, DataViewTypeAttribute Attribute)>> ByRawType = [];

    public static void Register(DataViewType dataViewType, Type type, IEnumerable<Attribute> typeAttributes)
    {
        var attributes = (typeAttributes ?? []).OfType<DataViewTypeAttribute>().ToList();
        if (attributes.Count > 1)
            throw new ArgumentException(
                $"{type} has {attributes.Count} attributes that name a column type; one is allowed.", nameof(typeAttributes));
        Register(dataViewType, type, attributes.SingleOrDefault());
    }

    public static void Register(DataViewType dataViewType, Type type, DataViewTypeAttribute typeAttribute = null)
    {
        ArgumentNullException.ThrowIfNull(dataViewType);
        ArgumentNullException.ThrowIfNull(type);
        lock (Gate)
        {
            if (!ByRawType.TryGetValue(type, out var known)) ByRawType[type] = known = [];
            foreach (var (columnType, attribute) in known)
            {
                bool sameAttribute = Same(attribute, typeAttribute), sameType = columnType.Equals(dataViewType);
                if (sameAttribute && sameType) return;
                if (sameAttribute || sameType)
                    throw new ArgumentException($"{type} is already registered as {columnType}; it cannot be {dataViewType} too.", nameof(type));
            }
            known.Add((dataViewType, typeAttribute));
        }
    }

    /// <summary>The column type registered for a member of type <paramref name="type"/>, or null.</summary>
    internal static DataViewType Find(Type type, DataViewTypeAttribute attribute)
    {
        lock (Gate)
        {
            if (!ByRawType.TryGetValue(type, out var known)) return null;
            foreach (var (columnType, registered) in known)
                if (Same(registered, attribute)) return columnType;
            return null;
        }
    }

    private static bool Same(DataViewTypeAttribute a, DataViewTypeAttribute b) => a is null || b is null ? a is null && b is null : a.Equals(b);
}
