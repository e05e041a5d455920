namespace Microsoft.ML.Data;

/// <summary>One object after the other as a row; each is a new position.</summary>
internal sealed class InputRow<TRow> : DataViewRow
    where TRow : class
{
    private readonly BoundMember[] _members;
    private readonly Delegate[] _getters;
    private TRow _value;
    private long _position = -1;

    public InputRow(BoundMember[] members, DataViewSchema schema)
    {
        _members = members;
        _getters = new Delegate[members.Length];
        Schema = schema;
    }

    public override long Position => _position;
    public override long Batch => 0;
    public override DataViewSchema Schema { get; }

    /// <summary>Moves to the next row, which is this object.</summary>
    public void Extract(TRow value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
        _position++;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);
    public override bool IsColumnActive(DataViewSchema.Column column) => column.Index < _members.Length;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if ((uint)column.Index >= (uint)_members.Length)
            throw new ArgumentOutOfRangeException(
                nameof(column), $"Column '{column.Name}' has index {column.Index}, the schema has {_members.Length} columns.");
        return (_getters[column.Index] ??= MemberGetters.Create(_members[column.Index], Current)).As<TValue>(column);
    }

    private TRow Current() => _value ?? throw new InvalidOperationException("No object has been given yet.");
}
