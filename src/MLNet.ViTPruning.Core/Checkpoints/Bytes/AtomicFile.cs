namespace MLNet.ViTPruning.Checkpoints.Bytes;

/// <summary>Writes a file so that its name holds either the old content or the whole new one.</summary>
internal static class AtomicFile
{
    /// <summary>Writes to a temporary file in the same folder, flushes it to the disk and renames it.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="write">Writes the content; where it throws, the old file stays and the temporary one is removed. It may read and
    /// change what it has written.</param>
    /// <param name="keepOldAs">The name, in the same folder, that the old file gets once the new one is on the disk; null replaces it.</param>
    /// <exception cref="IOException">The folder does not exist or cannot be written, or the disk is full.</exception>
    public static void Write(string path, Action<FileStream> write, string? keepOldAs = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path), folder = Path.GetDirectoryName(full) ?? ".";
        string temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            if (keepOldAs is not null && File.Exists(full)) File.Move(full, Path.Combine(folder, keepOldAs), overwrite: true);
            File.Move(temporary, full, overwrite: true);
            FolderSync.Flush(folder);
        }
        catch (Exception e)
        {
            File.Delete(temporary);
            // .NET's answer to a file that outgrows its file system or the process's limit. What is written was checked before.
            if (e is ArgumentOutOfRangeException) throw new IOException("The file is larger than its file system or a limit of this process allows", e);
            throw;
        }
    }

    /// <summary>Removes temporary files of writes that a killed process did not end. Nobody may be writing this file.</summary>
    /// <param name="path">The file that was being written.</param>
    public static void RemoveLeftovers(string path)
    {
        string full = Path.GetFullPath(path);
        foreach (string leftover in Directory.EnumerateFiles(Path.GetDirectoryName(full) ?? ".", $".{Path.GetFileName(full)}.*.tmp"))
            File.Delete(leftover);
    }
}
