using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Data;

/// <summary>Images with their labels as a data view: lazy, shuffled by permutation, any number of cursors.</summary>
internal sealed class ImageRowsView : IDataView
{
    /// <summary>The image column's name.</summary>
    public const string Image = "Image";

    private readonly IImageRows _rows;

    public ImageRowsView(IImageRows rows)
    {
        _rows = rows;
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(Image, rows.ImageType, rows.ImageAnnotations);
        foreach (var column in rows.SideColumns) builder.AddColumn(column.Name, column.Type, column.Annotations);
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => true;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _rows.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        var active = new bool[Schema.Count];
        foreach (var column in columnsNeeded)
        {
            if ((uint)column.Index >= (uint)active.Length || Schema[column.Index].Name != column.Name)
                throw new ArgumentOutOfRangeException(nameof(columnsNeeded), $"Column '{column.Name}' is none of this data set's.");
            active[column.Index] = true;
        }
        return new ImageRowsCursor(_rows, Schema, active, rand is null ? null : Permutation(_rows.Count, rand));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private static int[] Permutation(int count, Random rand)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++) order[i] = i;
        rand.Shuffle(order);
        return order;
    }
}
