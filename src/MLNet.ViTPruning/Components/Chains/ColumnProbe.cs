using Microsoft.ML;

namespace MLNet.ViTPruning.Components;

/// <summary>Asks foreign transformers which columns they need, by showing them schemas without data.</summary>
internal static class ColumnProbe
{
    /// <summary>Names and types of a schema. Annotations stay behind: their getters would keep upstream models alive;
    /// KeyValues, which some transformers ask for, are copied.</summary>
    public static DataViewSchema TypesOnly(DataViewSchema schema, params string[] without)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var column in schema)
        {
            if (column.IsHidden || without.Contains(column.Name)) continue;
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(column.Annotations, kind => kind == "KeyValues");
            builder.AddColumn(column.Name, column.Type, annotations.ToAnnotations());
        }
        return builder.ToSchema();
    }

    /// <summary>Whether stages run without the columns of a stage before them.</summary>
    /// <param name="schema">What the first of them would see.</param>
    /// <param name="stages">The stages, in order.</param>
    public static bool RunsOn(DataViewSchema schema, IEnumerable<ITransformer> stages)
    {
        try
        {
            foreach (var stage in stages) schema = stage.GetOutputSchema(schema);
            return true;
        }
        catch (Exception)
        {
            // Whatever it missed, leaving things as they are is right.
            return false;
        }
    }
}
