using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Weight masks in files: one bit for each weight, in the order of numpy's <c>packbits</c> with <c>bitorder="little"</c>.</summary>
internal static class MaskTensors
{
    /// <summary>What stands before the weight's name.</summary>
    public const string Prefix = "weight_masks.";

    /// <summary>Fills memory with the bytes of a mask.</summary>
    public delegate void Source(Span<byte> memory);

    /// <summary>Whether a tensor of a file is a mask.</summary>
    public static bool Is(string name) => name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The name of a mask's weight.</summary>
    public static string NameOf(string name) => name[Prefix.Length..];

    /// <summary>A mask's bits, <c>[ceil(weights / 8)]</c>.</summary>
    /// <param name="mask">A bool tensor on the CPU.</param>
    public static Tensor Pack(Tensor mask)
    {
        using var scope = NewDisposeScope();
        var ready = mask.contiguous();
        var packed = zeros([(ready.numel() + 7) / 8], ScalarType.Byte, CPU);
        ReadOnlySpan<byte> from = ready.bytes;
        var to = packed.bytes;
        for (int i = 0; i < from.Length; i++) to[i >> 3] |= (byte)(from[i] << (i & 7));
        GC.KeepAlive(ready);
        return packed.MoveToOuterDisposeScope();
    }

    /// <summary>A mask of its bits.</summary>
    /// <param name="name">The mask's name in the file.</param>
    /// <param name="state">The model's weights.</param>
    /// <param name="type">Type of the file's tensor.</param>
    /// <param name="shape">Shape of the file's tensor.</param>
    /// <param name="source">Gives its bytes, as many as the shape says.</param>
    /// <returns>A bool tensor of the weight's shape on the CPU.</returns>
    /// <exception cref="InvalidDataException">The model has no such weight, or it is of another size.</exception>
    public static Tensor Read(string name, IReadOnlyDictionary<string, Tensor> state, ScalarType type, IReadOnlyList<long> shape, Source source)
    {
        if (!state.TryGetValue(NameOf(name), out var weight)) throw new InvalidDataException($"The file has '{name}'; the model has no weight '{NameOf(name)}'.");
        long bytes = (weight.numel() + 7) / 8;
        if (type != ScalarType.Byte || shape is not [var length] || length != bytes)
            throw new InvalidDataException($"The file's '{name}' is {type} {ShapeMath.Format(shape)}; expected Byte [{bytes}], a bit for each of {weight.numel()} weights.");
        byte[] packed = new byte[bytes];
        source(packed);
        var mask = empty(weight.shape, ScalarType.Bool, CPU);
        var to = mask.bytes;
        for (int i = 0; i < to.Length; i++) to[i] = (byte)(packed[i >> 3] >> (i & 7) & 1);
        return mask;
    }
}
