using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping.Selection;

/// <summary>A number for each image of a batch that follows from its pixels; computed when first asked for.</summary>
/// <param name="images">Images <c>[B, 3, H, W]</c>.</param>
internal sealed class ImageKeys(Tensor images)
{
    private long[]? _keys;

    /// <summary>An image's number.</summary>
    /// <param name="image">Its index in the batch.</param>
    public long Of(int image) => (_keys ??= Compute())[image];

    private long[] Compute()
    {
        using var scope = NewDisposeScope();
        var pixels = images.detach().cpu().contiguous();
        var bytes = pixels.bytes;
        long[] keys = new long[images.shape[0]];
        int size = keys.Length == 0 ? 0 : bytes.Length / keys.Length;
        for (int i = 0; i < keys.Length; i++) keys[i] = Hash(bytes.Slice(i * size, size));
        GC.KeepAlive(pixels);
        return keys;
    }

    private static long Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 0x9E3779B97F4A7C15;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes)) hash = (BitOperations.RotateLeft(hash, 29) ^ word) * 0xBF58476D1CE4E5B9;
        foreach (byte b in bytes[(bytes.Length & ~7)..]) hash = (BitOperations.RotateLeft(hash, 29) ^ b) * 0xBF58476D1CE4E5B9;
        return (long)hash;
    }
}
