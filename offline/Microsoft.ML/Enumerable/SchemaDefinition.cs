namespace Microsoft.ML.Data;

/// <summary>How the members of a class become columns. May be changed before it is handed over.</summary>
public sealed class SchemaDefinition : List<SchemaDefinition.Column>
{
    [Flags]
    public enum Direction
    {
        /// <summary>ML.NET reads the members.</summary>
        Read = 1,

        /// <summary>ML.NET writes the members.</summary>
        Write = 2,
        Both = Read | Write,
    }

    internal SchemaDefinition() { }

    /// <summary>The column of that name.</summary>
    public Column this[string columnName]
    {
        get => Find(c => c.ColumnName == columnName)
            ?? throw new ArgumentOutOfRangeException(
                nameof(columnName), $"Column '{columnName}' not found; the columns are {string.Join(", ", this.Select(c => $"'{c.ColumnName}'"))}.");
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            int at = FindIndex(c => c.ColumnName == columnName);
            if (at < 0) Add(value);
            else this[at] = value;
        }
    }

    /// <summary>What the members and their attributes say.</summary>
    public static SchemaDefinition Create(Type userType, Direction direction = Direction.Both)
    {
        ArgumentNullException.ThrowIfNull(userType);
        var definition = new SchemaDefinition();
        foreach (var member in UserMembers.Of(userType, direction))
            definition.Add(new Column(member.Name, UserMembers.ColumnNameOf(member), UserMembers.ColumnTypeOf(member)));
        var twice = definition.GroupBy(c => c.ColumnName).FirstOrDefault(g => g.Count() > 1);
        if (twice != null)
            throw new ArgumentException($"{userType} has {twice.Count()} members for the column '{twice.Key}'.", nameof(userType));
        return definition;
    }

    /// <summary>One member as a column.</summary>
    public sealed class Column
    {
        private readonly DataViewSchema.Annotations.Builder _annotations = new();
        private bool _isAnnotated;

        internal Column(string memberName, string columnName, DataViewType columnType)
        {
            MemberName = memberName;
            ColumnName = columnName;
            ColumnType = columnType;
        }

        public string MemberName { get; }
        public string ColumnName { get; set; }
        public DataViewType ColumnType { get; set; }
        public DataViewSchema.Annotations Annotations => _isAnnotated ? _annotations.ToAnnotations() : DataViewSchema.Annotations.Empty;

        public void AddAnnotation<T>(string kind, T value, DataViewType annotationType)
        {
            ArgumentException.ThrowIfNullOrEmpty(kind);
            ArgumentNullException.ThrowIfNull(annotationType);
            if (annotationType.RawType != typeof(T))
                throw new ArgumentException(
                    $"An annotation of type {annotationType} holds {annotationType.RawType}, not {typeof(T)}.", nameof(annotationType));
            _annotations.Add(kind, annotationType, (ref T destination) => destination = value);
            _isAnnotated = true;
        }

        /// <summary>Takes over the annotations of a schema's column.</summary>
        internal void AddAnnotations(DataViewSchema.Annotations annotations)
        {
            _annotations.Add(annotations, _ => true);
            _isAnnotated = true;
        }
    }
}
