namespace MLNet.ViTPruning.Imaging.ImageNet;

/// <summary>An array of a MAT-5 file. Which of the last three is set depends on its class; none is for an empty one.</summary>
/// <param name="Name">The variable's name; empty inside of structs and cells.</param>
/// <param name="Dimensions">Rows, columns, ...; elements stand in column-major order.</param>
internal sealed record MatArray(string Name, int[] Dimensions)
{
    /// <summary>A numeric array's elements.</summary>
    public double[]? Numbers { get; init; }

    /// <summary>A char array's characters.</summary>
    public string? Text { get; init; }

    /// <summary>A cell array's elements, or a struct array's: for each element its fields in order.</summary>
    public MatArray[]? Items { get; init; }

    /// <summary>A struct's field names.</summary>
    public string[] Fields { get; init; } = [];

    /// <summary>The elements of one field of a struct array.</summary>
    public IEnumerable<MatArray>? Field(string name)
    {
        var at = Array.IndexOf(Fields, name);
        return at < 0 || Items is null ? null : Items.Where((_, i) => i % Fields.Length == at);
    }
}
