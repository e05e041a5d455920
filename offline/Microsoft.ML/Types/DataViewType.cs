namespace Microsoft.ML.Data;

/// <summary>The type of a column: a .NET type plus what the .NET type cannot say (a key's count, a vector's dimensions).</summary>
public abstract class DataViewType : IEquatable<DataViewType>
{
    private protected DataViewType(Type rawType) => RawType = rawType ?? throw new ArgumentNullException(nameof(rawType));

    /// <summary>The type a getter of such a column delivers.</summary>
    public Type RawType { get; }

    public abstract bool Equals(DataViewType other);
}

/// <summary>A type whose values are owned by nothing: they can be copied freely.</summary>
public abstract class PrimitiveDataViewType : DataViewType
{
    protected PrimitiveDataViewType(Type rawType) : base(rawType)
    {
        if (typeof(IDisposable).IsAssignableFrom(RawType))
            throw new ArgumentException($"A primitive type cannot be disposable, {RawType} is.", nameof(rawType));
    }
}

/// <summary>Any other type: vectors, images, models.</summary>
public abstract class StructuredDataViewType : DataViewType
{
    protected StructuredDataViewType(Type rawType) : base(rawType) { }
}
