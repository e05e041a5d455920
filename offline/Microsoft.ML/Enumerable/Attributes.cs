namespace Microsoft.ML.Data;

/// <summary>The dimensions of a vector member. Without any, the length differs from row to row.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property, AllowMultiple = false, Inherited = true)]
public sealed class VectorTypeAttribute : Attribute
{
    public VectorTypeAttribute() => Dimensions = [0];
    public VectorTypeAttribute(int size) => Dimensions = [Checked(size)];
    public VectorTypeAttribute(params int[] dimensions) => Dimensions = dimensions is { Length: > 0 } ? [.. dimensions.Select(Checked)] : [0];

    internal int[] Dimensions { get; }

    private static int Checked(int size) => size > 0 ? size : throw new ArgumentOutOfRangeException(
        nameof(size), size, "A vector's size is at least 1.");
}

/// <summary>Makes a byte, ushort, uint or ulong member a key. Such a member counts from 0 where ML.NET reads it and from 1 (0: missing)
/// where ML.NET writes it.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property, AllowMultiple = false, Inherited = true)]
public sealed class KeyTypeAttribute : Attribute
{
    /// <summary>As many values as the member's type has.</summary>
    public KeyTypeAttribute() { }

    public KeyTypeAttribute(ulong count) => Count = count > 0 ? count : throw new ArgumentOutOfRangeException(
        nameof(count), count, "A key has at least one value.");

    internal ulong? Count { get; }
}

/// <summary>The column a member stands for, where it is not called like the member.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property, AllowMultiple = false, Inherited = true)]
public sealed class ColumnNameAttribute : Attribute
{
    public ColumnNameAttribute(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
    }

    internal string Name { get; }
}

/// <summary>A member that is no column.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property, AllowMultiple = false, Inherited = true)]
public sealed class NoColumnAttribute : Attribute
{
    public NoColumnAttribute() { }
}

/// <summary>The column's place in a text file. There is no text loader here, so it says nothing.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property, AllowMultiple = false, Inherited = true)]
public sealed class LoadColumnAttribute : Attribute
{
    public LoadColumnAttribute(int fieldIndex) => _ = fieldIndex;
    public LoadColumnAttribute(int start, int end) => _ = (start, end);
    public LoadColumnAttribute(int[] columnIndexes) => _ = columnIndexes;
}
