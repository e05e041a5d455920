using MLNet.ViTPruning.Checkpoints.Bytes;
using MLNet.ViTPruning.Checkpoints.Pickle;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>A checked tensor of a PyTorch checkpoint: a strided window on a stored zip entry.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Strides">Steps in elements.</param>
/// <param name="Start">Position of its first element in the file.</param>
/// <param name="Span">Elements from its first to its last, both included.</param>
internal sealed record TorchWindow(string Name, ElementType Type, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides, long Start,
    long Span)
{
    /// <summary>Checks a tensor's claims against the entry that holds its storage.</summary>
    /// <exception cref="InvalidDataException">One does not hold.</exception>
    public static TorchWindow Check(string name, TorchTensor tensor, Func<string, ZipEntry?> entryOf)
    {
        var (storage, shape) = (tensor.Storage, tensor.Shape);
        var entry = entryOf(storage.Key) ?? throw Bad(name, $"its storage '{PickleText.Shorten(storage.Key)}' is not in the file");
        if (storage.Count > long.MaxValue / storage.Type.Size || storage.Count * storage.Type.Size != entry.Length)
            throw Bad(name,
                $"its storage claims {storage.Count} elements of {storage.Type.Size} bytes, its entry has {entry.Length} bytes");
        long count = ShapeMath.ElementCount(shape) ?? throw Bad(name, $"its shape {ShapeMath.Format(shape)} is impossible");
        // Expanded tensors (stride 0) could claim any size; no state dict has them.
        if (count > storage.Count) throw Bad(name, $"it has {count} elements, its storage {storage.Count}");
        long span = count == 0 ? 0 : 1;
        for (int i = 0; count > 0 && i < shape.Count; i++)
        {
            if (Math.BigMul(shape[i] - 1, tensor.Strides[i], out long reach) != 0 || reach < 0 || reach > storage.Count)
                throw Bad(name, "its strides leave its storage");
            span += reach; // at most 64 times a storage's count: no overflow, a file has less than 2^56 bytes
        }
        if (tensor.Offset < 0 || tensor.Offset > storage.Count || span > storage.Count - tensor.Offset)
            throw Bad(name, $"its elements {tensor.Offset} to {tensor.Offset + span} leave its storage of {storage.Count}");
        return new TorchWindow(name, storage.Type, shape, tensor.Strides, entry.Offset + tensor.Offset * storage.Type.Size, span);
    }

    /// <summary>Copies the tensor out, rows in order whatever its strides.</summary>
    /// <returns>A contiguous CPU tensor, owned by the caller.</returns>
    public Tensor Read(ByteSource source, bool swap)
    {
        if (IsContiguous()) return TensorBytes.Read(source, Start, Type, Shape, Name, swap);
        using var scope = NewDisposeScope();
        var flat = TensorBytes.Read(source, Start, Type, [Span], Name, swap);
        return flat.as_strided([.. Shape], [.. Strides]).contiguous().MoveToOuterDisposeScope();
    }

    // A dimension of one element has no step, whatever its stride says.
    private bool IsContiguous()
    {
        long[] expected = ShapeMath.ContiguousStrides(Shape);
        for (int i = 0; i < Shape.Count; i++)
        {
            if (Shape[i] > 1 && Strides[i] != expected[i]) return false;
        }
        return true;
    }

    private static InvalidDataException Bad(string name, string why) =>
        new($"Not a valid PyTorch checkpoint: '{PickleText.Shorten(name)}': {why}.");
}
