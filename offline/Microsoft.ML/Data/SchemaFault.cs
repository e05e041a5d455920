namespace Microsoft.ML.Data;

/// <summary>The exceptions for data that do not fit a component, worded alike.</summary>
internal static class SchemaFault
{
    public static ArgumentOutOfRangeException Missing(string role, string column, string parameter = "inputSchema") =>
        new(parameter, $"Could not find {role} column '{column}'");

    public static ArgumentOutOfRangeException Mismatch(string role, string column, string expected, string got, string parameter = "inputSchema") =>
        new(parameter, $"Schema mismatch for {role} column '{column}': expected {expected}, got {got}");
}
