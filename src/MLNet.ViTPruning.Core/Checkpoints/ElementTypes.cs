using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>One element type and what each file format calls it.</summary>
/// <param name="Type">The type.</param>
/// <param name="Size">Bytes of one element.</param>
/// <param name="Safetensors">Its name in a safetensors header.</param>
/// <param name="TorchStorage">The class in Python's <c>torch</c> that stands for a storage of it.</param>
internal sealed record ElementType(ScalarType Type, int Size, string Safetensors, string TorchStorage);

/// <summary>The element types that files may hold, as one table.</summary>
internal static class ElementTypes
{
    private static readonly ElementType[] All =
    [
        new(ScalarType.Float64, 8, "F64", "DoubleStorage"),
        new(ScalarType.Float32, 4, "F32", "FloatStorage"),
        new(ScalarType.Float16, 2, "F16", "HalfStorage"),
        new(ScalarType.BFloat16, 2, "BF16", "BFloat16Storage"),
        new(ScalarType.Int64, 8, "I64", "LongStorage"),
        new(ScalarType.Int32, 4, "I32", "IntStorage"),
        new(ScalarType.Int16, 2, "I16", "ShortStorage"),
        new(ScalarType.Int8, 1, "I8", "CharStorage"),
        new(ScalarType.Byte, 1, "U8", "ByteStorage"),
        new(ScalarType.Bool, 1, "BOOL", "BoolStorage"),
    ];

    public static string SafetensorsNames { get; } = string.Join(", ", All.Select(e => e.Safetensors));

    public static ElementType? BySafetensorsName(string name) => Array.Find(All, e => e.Safetensors == name);

    public static IEnumerable<ElementType> Table => All;

    /// <exception cref="ArgumentException">Files hold no elements of this type.</exception>
    public static ElementType Of(ScalarType type) => Array.Find(All, e => e.Type == type)
        ?? throw new ArgumentException($"A checkpoint cannot hold elements of type {type}; expected one of {string.Join(", ", All.Select(e => e.Type))}.");

    public static bool IsFloating(ScalarType type) =>
        type is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;
}
