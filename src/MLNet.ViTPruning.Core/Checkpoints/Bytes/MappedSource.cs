using System.IO.MemoryMappedFiles;

namespace MLNet.ViTPruning.Checkpoints.Bytes;

/// <summary>Bytes of a file that is mapped, not read: only the pages that are asked for are loaded.</summary>
/// <remarks>A file must not be shortened while it is mapped; files written by this library are replaced by renaming, which is
/// safe.</remarks>
internal sealed unsafe class MappedSource : ByteSource
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly Lock _gate = new();
    private readonly byte* _start;
    private int _readers;
    private bool _disposed;

    private MappedSource(MemoryMappedFile? file, MemoryMappedViewAccessor? view, long length)
    {
        (_file, _view, Length) = (file, view, length);
        if (view is null) return;
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _start = pointer + view.PointerOffset;
    }

    public override long Length { get; }

    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static MappedSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        long length = stream.Length;
        if (length == 0) // an empty file cannot be mapped
        {
            stream.Dispose();
            return new MappedSource(null, null, 0);
        }
        MemoryMappedFile? file = null;
        try
        {
            file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None,
                leaveOpen: false);
            return new MappedSource(file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), length);
        }
        catch
        {
            file?.Dispose();
            stream.Dispose();
            throw;
        }
    }

    protected override void Copy(long offset, Span<byte> destination)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _readers++;
        }
        try
        {
            new ReadOnlySpan<byte>(_start + offset, destination.Length).CopyTo(destination);
        }
        finally
        {
            lock (_gate)
            {
                if (--_readers == 0 && _disposed) Unmap();
            }
        }
    }

    public override void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            if (_readers == 0) Unmap();
        }
    }

    // Under the gate, once, when the last reader has left: a reader never sees its pages go.
    private void Unmap()
    {
        if (_view is null) return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file!.Dispose();
    }
}
