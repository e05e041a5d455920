using System.Buffers.Binary;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints.Bytes;

/// <summary>Moves elements between bytes and tensors without a buffer in between.</summary>
internal static class TensorBytes
{
    /// <summary>Copies elements straight into a new tensor's memory.</summary>
    /// <param name="source">Where the bytes are.</param>
    /// <param name="offset">Position of the first one.</param>
    /// <param name="type">Their type.</param>
    /// <param name="shape">The tensor's shape; its bytes must lie within the source.</param>
    /// <param name="name">For messages.</param>
    /// <param name="swap">Whether each element's bytes stand in big-endian order.</param>
    /// <returns>A CPU tensor, owned by the caller.</returns>
    public static Tensor Read(ByteSource source, long offset, ElementType type, IReadOnlyList<long> shape, string name, bool swap = false)
    {
        long bytes = ShapeMath.ByteCount(shape, type.Size)
            ?? throw new InvalidDataException($"'{name}' has the impossible shape {ShapeMath.Format(shape)}.");
        // Before the memory is taken: a claim that the file cannot back costs nothing.
        if (offset < 0 || offset > source.Length || bytes > source.Length - offset)
            throw new InvalidDataException($"'{name}' needs {bytes} bytes at {offset}; the file has {source.Length}.");
        if (bytes > int.MaxValue)
            throw new InvalidDataException($"'{name}' has {bytes} bytes; tensors of 2 GiB and more are not supported.");
        var tensor = empty([.. shape], type.Type, CPU);
        try
        {
            if (bytes > 0)
            {
                var memory = tensor.bytes;
                source.Read(offset, memory);
                Finish(memory, type, name, swap);
            }
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Makes bytes just read valid elements of this machine.</summary>
    public static void Finish(Span<byte> memory, ElementType type, string name, bool swap)
    {
        if (swap) Swap(memory, type.Size);
        if (type.Type == ScalarType.Bool && memory.ContainsAnyExceptInRange((byte)0, (byte)1))
            throw new InvalidDataException($"'{name}' is boolean but has bytes other than 0 and 1.");
    }

    /// <summary>Shows a tensor's elements in row-major order.</summary>
    /// <param name="tensor">Any tensor; not disposed.</param>
    /// <param name="dtype">The element type to show.</param>
    /// <param name="use">Called once with the bytes, which are valid only meanwhile.</param>
    public static void Use(Tensor tensor, ScalarType dtype, Action<ReadOnlySpan<byte>> use)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ready = tensor.detach().to(dtype).cpu().contiguous();
        use(ready.NumberOfElements == 0 ? [] : ready.bytes);
        GC.KeepAlive(ready);
    }

    /// <summary>Converts, and disposes what is no longer needed.</summary>
    public static Tensor Convert(Tensor owned, ScalarType? dtype)
    {
        if (dtype is null || dtype == owned.dtype) return owned;
        using (owned)
        {
            return owned.to_type(dtype.Value);
        }
    }

    private static void Swap(Span<byte> memory, int size)
    {
        switch (size)
        {
            case 2: Reverse(MemoryMarshal.Cast<byte, ushort>(memory)); break;
            case 4: Reverse(MemoryMarshal.Cast<byte, uint>(memory)); break;
            case 8: Reverse(MemoryMarshal.Cast<byte, ulong>(memory)); break;
        }
    }

    private static void Reverse(Span<ushort> v) => BinaryPrimitives.ReverseEndianness(v, v);

    private static void Reverse(Span<uint> v) => BinaryPrimitives.ReverseEndianness(v, v);

    private static void Reverse(Span<ulong> v) => BinaryPrimitives.ReverseEndianness(v, v);
}
