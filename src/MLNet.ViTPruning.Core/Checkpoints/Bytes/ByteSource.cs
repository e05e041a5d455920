namespace MLNet.ViTPruning.Checkpoints.Bytes;

/// <summary>Bytes at known positions: a mapped file or an array. Every read is checked against the length.</summary>
internal abstract class ByteSource : IDisposable
{
    /// <summary>Number of bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Copies bytes out.</summary>
    /// <param name="offset">Position of the first one.</param>
    /// <param name="destination">Filled completely.</param>
    /// <exception cref="InvalidDataException">The range leaves the source.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length || destination.Length > Length - offset)
            throw new InvalidDataException($"The file ends at byte {Length}; bytes {offset} to {offset + destination.Length} were asked for.");
        if (destination.Length > 0) Copy(offset, destination);
    }

    /// <summary>Copies bytes into a new array.</summary>
    public byte[] Read(long offset, int count)
    {
        if (offset < 0 || count < 0 || offset > Length || count > Length - offset)
            throw new InvalidDataException($"The file ends at byte {Length}; {count} bytes at {offset} were asked for.");
        var bytes = GC.AllocateUninitializedArray<byte>(count);
        Read(offset, bytes);
        return bytes;
    }

    protected abstract void Copy(long offset, Span<byte> destination);

    public virtual void Dispose() { }
}

/// <summary>Bytes of an array.</summary>
internal sealed class ArraySource(byte[] bytes) : ByteSource
{
    public override long Length => bytes.Length;

    protected override void Copy(long offset, Span<byte> destination) => bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);

    /// <summary>Reads a stream to its end.</summary>
    public static ArraySource From(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return new ArraySource(buffer.Length == buffer.Capacity ? buffer.GetBuffer() : buffer.ToArray());
    }
}
