namespace MLNet.ViTPruning.Training.Runs;

/// <summary>Keeps a second training out of a folder. The system lets the lock go when the process ends, however it ends.</summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _held;

    /// <param name="path">The lock's file. It stays, since who removed it could remove another's.</param>
    /// <exception cref="IOException">Another training holds it, or it cannot be made.</exception>
    public FolderLock(string path)
    {
        try
        {
            _held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && File.Exists(path))
        {
            throw new IOException($"Another training is using the folder '{Path.GetDirectoryName(path)}'. Wait for its end, or give this one its own folder.", e);
        }
    }

    public void Dispose() => _held.Dispose();
}
