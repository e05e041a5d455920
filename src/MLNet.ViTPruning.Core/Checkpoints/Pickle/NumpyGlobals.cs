using System.Text;

namespace MLNet.ViTPruning.Checkpoints.Pickle;

/// <summary>A numpy array of numbers.</summary>
internal sealed class NumpyArray : IPickleState
{
    /// <summary>Dimensions; null until the state was set.</summary>
    public IReadOnlyList<long>? Shape { get; private set; }

    /// <summary>Element type as numpy writes it without byte order: <c>u1</c>, <c>i8</c>, <c>f4</c>.</summary>
    public string DType { get; private set; } = "";

    /// <summary>Whether elements stand in column-major order.</summary>
    public bool IsFortran { get; private set; }

    /// <summary>The elements, little-endian; not copied from the pickle's own value.</summary>
    public byte[] Data { get; private set; } = [];

    public void SetState(object? state)
    {
        // (version, shape, dtype, is_fortran, data)
        if (Shape is not null || state is not PickleTuple { Items: [long, PickleTuple shape, NumpyType type, bool fortran, byte[] data] })
            throw NumpyGlobals.Bad("an array's state is not (version, shape, dtype, is_fortran, data)");
        if (shape.Count > ShapeMath.MaxDimensions) throw NumpyGlobals.Bad($"an array has {shape.Count} dimensions");
        long[] sizes = Array.ConvertAll(shape.Items,
            item => item is long n and >= 0 ? n : throw NumpyGlobals.Bad("an array's shape is not made of whole numbers"));
        if (ShapeMath.ByteCount(sizes, type.Size) != data.Length)
            throw NumpyGlobals.Bad($"an array of shape {ShapeMath.Format(sizes)} and type {type.Name} has {data.Length} bytes");
        (Shape, DType, IsFortran, Data) = (sizes, type.Name, fortran, data);
    }
}

/// <summary>A numpy element type.</summary>
internal sealed class NumpyType(string name) : IPickleState
{
    public string Name => name;

    public int Size => name[^1] - '0';

    public void SetState(object? state)
    {
        // (version, byte order, ...): only the order matters for plain numbers
        if (state is not PickleTuple { Count: >= 2 } tuple || PickleText.Of(tuple.Items[1]) is not ("<" or "|" or "="))
            throw NumpyGlobals.Bad($"type {name} is not little-endian");
    }
}

/// <summary>The globals of plain data with numpy arrays.</summary>
internal static class NumpyGlobals
{
    private static readonly string[] Types = ["b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"];

    public static IEnumerable<PickleGlobal> All =>
    [
        new("numpy.core.multiarray", "_reconstruct", (args, _) => Reconstruct(args)),
        new("numpy._core.multiarray", "_reconstruct", (args, _) => Reconstruct(args)), // numpy 2
        new("numpy", "ndarray", Build: null),
        new("numpy", "dtype", (args, _) => Type(args)),
        new("_codecs", "encode", Encode),
    ];

    // _reconstruct(numpy.ndarray, (0,), b'b') makes an empty array, whose state is set next.
    private static NumpyArray Reconstruct(PickleTuple args) =>
        args is { Count: 3, Items: [PickleGlobal { Module: "numpy", Name: "ndarray" }, PickleTuple, ..] }
            ? new NumpyArray()
            : throw Bad("_reconstruct is not asked for a numpy.ndarray");

    private static NumpyType Type(PickleTuple args) =>
        args.Count >= 1 && PickleText.Of(args.Items[0]) is string name && Types.Contains(name)
            ? new NumpyType(name)
            : throw Bad($"an array's type is none of {string.Join(", ", Types)}");

    // Python 3 writes bytes in protocol 2 as _codecs.encode(text, 'latin1').
    private static byte[] Encode(PickleTuple args, PickleBudget budget)
    {
        if (args is not { Count: 2, Items: [string text, var codec] } || PickleText.Of(codec) is not ("latin1" or "latin-1"))
            throw Bad("_codecs.encode is not asked for latin1");
        budget.Charge(text.Length);
        if (text.AsSpan().ContainsAnyExceptInRange('\0', '\xff')) throw Bad("_codecs.encode is given characters beyond latin1");
        return Encoding.Latin1.GetBytes(text);
    }

    public static InvalidDataException Bad(string why) => new($"Not a valid pickle of plain data: {why}.");
}
