namespace Microsoft.ML.Data;

/// <summary>Schema definitions of a user's class that follow a schema.</summary>
internal static class UserSchema
{
    /// <summary>The class's definition with types and annotations of the schema's columns of the same names.</summary>
    public static SchemaDefinition Like(Type userType, DataViewSchema schema)
    {
        var definition = SchemaDefinition.Create(userType, SchemaDefinition.Direction.Read);
        foreach (var column in definition)
        {
            if (schema.GetColumnOrNull(column.ColumnName) is not { } known) continue;
            column.ColumnType = known.Type;
            column.AddAnnotations(known.Annotations);
        }
        return definition;
    }
}
