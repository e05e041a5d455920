using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MLNet.ViTPruning.Checkpoints.Pickle;

/// <summary>A dict, in the order of insertion. Text keys are also found by name, whether they were written as Python 3 text or as Python 2
/// bytes.</summary>
internal sealed class PickleDict
{
    private Dictionary<string, object?>? _byName; // made late: an empty dict costs one byte in a file
    private readonly List<KeyValuePair<object?, object?>> _items = [];

    /// <summary>All items; keys may be of any kind.</summary>
    public IReadOnlyList<KeyValuePair<object?, object?>> Items => _items;

    /// <exception cref="InvalidDataException">The key is text and there already.</exception>
    public void Add(object? key, object? value)
    {
        if (PickleText.Of(key) is string name && !(_byName ??= new(StringComparer.Ordinal)).TryAdd(name, value))
            throw new InvalidDataException($"Not a valid pickle: a dict has the key '{PickleText.Shorten(name)}' twice.");
        _items.Add(new(key, value));
    }

    /// <summary>The value of a text key.</summary>
    public bool TryGet(string name, out object? value)
    {
        value = null;
        return _byName is not null && _byName.TryGetValue(name, out value);
    }

    /// <summary>The value of a text key, where it is of the kind that is asked for.</summary>
    public bool TryGet<T>(string name, [NotNullWhen(true)] out T? value)
    {
        value = TryGet(name, out var found) && found is T typed ? typed : default;
        return value is not null;
    }
}

/// <summary>A tuple.</summary>
/// <param name="Items">Its items; not changed after it is made.</param>
internal sealed record PickleTuple(object?[] Items)
{
    public int Count => Items.Length;
}

/// <summary>A class or function that a pickle names and that the allowance knows. It is a marker: Python's is never looked up.</summary>
/// <param name="Module">Python's module.</param>
/// <param name="Name">The name in it.</param>
/// <param name="Build">What stands for calling it, or null where it may only be mentioned.</param>
internal sealed record PickleGlobal(string Module, string Name, Func<PickleTuple, PickleBudget, object?>? Build)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>An object that accepts a later <c>__setstate__</c>.</summary>
internal interface IPickleState
{
    /// <summary>Takes the state that Python would give to <c>__setstate__</c>.</summary>
    void SetState(object? state);
}

/// <summary>Limits what builders may allocate beyond the pickle's own bytes.</summary>
internal sealed class PickleBudget(long bytes)
{
    private long _left = bytes;

    /// <exception cref="InvalidDataException">The budget is spent.</exception>
    public void Charge(long count)
    {
        if (count < 0 || (_left -= count) < 0)
            throw new InvalidDataException("Not a valid pickle: it unfolds to much more than the file's own size.");
    }
}

/// <summary>Text in pickles, from either Python.</summary>
internal static class PickleText
{
    /// <summary>The text of a Python 3 string, or of Python 2 bytes taken as Latin-1; null for anything else.</summary>
    public static string? Of(object? value) => value switch
    {
        string text => text,
        byte[] { Length: <= 4096 } bytes => Encoding.Latin1.GetString(bytes),
        _ => null,
    };

    public static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "...";
}
