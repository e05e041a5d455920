namespace Microsoft.ML;

/// <summary>Passes an entry's bytes on and compares their number and CRC-32 with what the zip says.</summary>
internal sealed class ChecksumStream(Stream inner, long length, uint expected, string name) : Stream
{
    private readonly Crc32 _crc = new();
    private long _read;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => length;
    public override long Position { get => _read; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        int n;
        try
        {
            n = inner.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw Broken(e.Message, e);
        }
        _crc.Add(buffer[..n]);
        _read += n;
        if (_read > length) throw Broken($"it holds more than the {length} bytes that it announces");
        return n;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    /// <summary>Reads what is left and compares.</summary>
    public void Finish()
    {
        var rest = new byte[1 << 16];
        while (Read(rest.AsSpan()) > 0) { }
        if (_read != length) throw Broken($"{_read} of {length} bytes are there");
        if (_crc.Value != expected) throw Broken("its checksum is wrong");
    }

    private InvalidDataException Broken(string how, Exception inner = null) => new($"'{name}' in the model file is damaged: {how}.", inner);

    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
