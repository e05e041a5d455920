using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class DataOperationsCatalog
{
    /// <summary>The first <paramref name="count"/> rows.</summary>
    public IDataView TakeRows(IDataView input, long count)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (count <= 0) throw new ArgumentOutOfRangeException(nameof(count), count, "At least one row is taken.");
        return new SkipTakeDataView(input, 0, count);
    }

    /// <summary>All but the first <paramref name="count"/> rows.</summary>
    public IDataView SkipRows(IDataView input, long count)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (count <= 0) throw new ArgumentOutOfRangeException(nameof(count), count, "At least one row is skipped.");
        return new SkipTakeDataView(input, count, long.MaxValue);
    }

    /// <summary>The rows in another order, by way of a pool of rows in memory.</summary>
    /// <param name="input">The rows.</param>
    /// <param name="seed">Fixes the order; by default it follows from the context's seed.</param>
    /// <param name="shufflePoolSize">How many rows the pool holds: below the number of rows, a row cannot move far to the front.</param>
    /// <param name="shuffleSource">Whether the source is asked to shuffle too, where it can.</param>
    public IDataView ShuffleRows(IDataView input, int? seed = null, int shufflePoolSize = 1000, bool shuffleSource = true)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (shufflePoolSize <= 0)
            throw new ArgumentOutOfRangeException(nameof(shufflePoolSize), shufflePoolSize, "The pool holds at least one row.");
        return new ShuffleDataView(input, seed ?? NextSeed("ShuffleRows"), shufflePoolSize, shuffleSource);
    }

    /// <summary>A sample of about as many rows as there are, drawn with replacement, in the order of the source.</summary>
    /// <param name="input">The rows.</param>
    /// <param name="seed">Fixes the sample; by default it follows from the context's seed.</param>
    /// <param name="complement">Whether to deliver the rows that are not drawn instead.</param>
    public IDataView BootstrapSample(IDataView input, int? seed = null, bool complement = false)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new BootstrapDataView(input, seed ?? NextSeed("BootstrapSample"), complement);
    }

    /// <summary>Keeps columns in memory when they are first read.</summary>
    /// <param name="input">The rows.</param>
    /// <param name="columnsToPrefetch">Columns that are kept as soon as any is.</param>
    public IDataView Cache(IDataView input, params string[] columnsToPrefetch)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new CacheDataView(input, [.. (columnsToPrefetch ?? []).Select(name => FindColumn(input, name).Index)]);
    }

    /// <summary>The rows whose number lies in [<paramref name="lowerBound"/>, <paramref name="upperBound"/>).</summary>
    public IDataView FilterRowsByColumn(IDataView input, string columnName, double lowerBound = double.NegativeInfinity, double upperBound = double.PositiveInfinity)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!(lowerBound < upperBound))
            throw new ArgumentException($"The lower bound {lowerBound} is not below the upper bound {upperBound}.", nameof(lowerBound));
        var column = FindColumn(input, columnName);
        if (column.Type is not NumberDataViewType)
            throw SchemaFault.Mismatch("filter", columnName, "a number", column.Type.ToString(), nameof(columnName));
        return new RangeFilter(input, column, value => value >= lowerBound && value < upperBound);
    }

    /// <summary>The rows whose key, as a place in [0, 1] among the key's values, lies in [<paramref name="lowerBound"/>, <paramref
    /// name="upperBound"/>).</summary>
    public IDataView FilterRowsByKeyColumnFraction(IDataView input, string columnName, double lowerBound = 0, double upperBound = 1)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!(lowerBound >= 0 && lowerBound < upperBound && upperBound <= 1))
            throw new ArgumentOutOfRangeException(
                nameof(lowerBound), $"The bounds {lowerBound} and {upperBound} are not 0 <= lower < upper <= 1.");
        var column = FindColumn(input, columnName);
        if (column.Type is not KeyDataViewType key)
            throw SchemaFault.Mismatch("filter", columnName, "Key", column.Type.ToString(), nameof(columnName));
        return new RangeFilter(input, column, value => value > 0 && (value - 0.5) / key.Count is var place && place >= lowerBound && place < upperBound);
    }

    /// <summary>The rows in which none of the columns has a missing value (NaN, key 0).</summary>
    public IDataView FilterRowsByMissingValues(IDataView input, params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (columns is not { Length: > 0 }) throw new ArgumentException("At least one column is named.", nameof(columns));
        return new MissingValuesFilter(input, [.. columns.Select(name => FindColumn(input, name))]);
    }

    private static DataViewSchema.Column FindColumn(IDataView input, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return input.Schema.GetColumnOrNull(name) ?? throw SchemaFault.Missing("input", name, nameof(input));
    }

    private int NextSeed(string component) => _env.Register(component).Rand.Next();
}
