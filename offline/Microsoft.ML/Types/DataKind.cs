namespace Microsoft.ML.Data;

public enum DataKind : byte
{
    SByte = 1, Byte = 2, Int16 = 3, UInt16 = 4, Int32 = 5, UInt32 = 6, Int64 = 7, UInt64 = 8,
    Single = 9, Double = 10, String = 11, Boolean = 12, TimeSpan = 13, DateTime = 14, DateTimeOffset = 15,
}

internal static class DataKinds
{
    private static readonly (DataKind Kind, PrimitiveDataViewType Type)[] Table =
    [
        (DataKind.SByte, NumberDataViewType.SByte), (DataKind.Byte, NumberDataViewType.Byte), (DataKind.Int16, NumberDataViewType.Int16),
        (DataKind.UInt16, NumberDataViewType.UInt16), (DataKind.Int32, NumberDataViewType.Int32), (DataKind.UInt32, NumberDataViewType.UInt32),
        (DataKind.Int64, NumberDataViewType.Int64), (DataKind.UInt64, NumberDataViewType.UInt64), (DataKind.Single, NumberDataViewType.Single),
        (DataKind.Double, NumberDataViewType.Double), (DataKind.String, TextDataViewType.Instance), (DataKind.Boolean, BooleanDataViewType.Instance),
        (DataKind.TimeSpan, TimeSpanDataViewType.Instance), (DataKind.DateTime, DateTimeDataViewType.Instance),
        (DataKind.DateTimeOffset, DateTimeOffsetDataViewType.Instance),
    ];

    public static PrimitiveDataViewType ToType(this DataKind kind)
    {
        foreach (var (k, type) in Table) if (k == kind) return type;
        throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind of data.");
    }

    public static DataKind? OfType(DataViewType type)
    {
        foreach (var (k, t) in Table) if (t.Equals(type)) return k;
        return null;
    }

    /// <summary>The primitive type whose values are of <paramref name="rawType"/>, or null.</summary>
    public static PrimitiveDataViewType OfRawType(Type rawType)
    {
        if (rawType == typeof(string)) return TextDataViewType.Instance;
        if (rawType == typeof(DataViewRowId)) return RowIdDataViewType.Instance;
        foreach (var (_, t) in Table) if (t.RawType == rawType) return t;
        return null;
    }
}
