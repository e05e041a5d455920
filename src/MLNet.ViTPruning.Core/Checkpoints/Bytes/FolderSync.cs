using System.Runtime.InteropServices;

namespace MLNet.ViTPruning.Checkpoints.Bytes;

/// <summary>Brings a folder's entries to the disk, so that a rename outlasts a power cut.</summary>
/// <remarks>.NET opens no folders, hence the system's own calls on Linux and macOS. Windows has none for folders; NTFS logs renames
/// itself. A file system that cannot do it loses at most the last rename, after which the name holds the old file.</remarks>
internal static partial class FolderSync
{
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        int handle = Open(folder, 0); // O_RDONLY
        if (handle < 0) return;
        _ = FSync(handle);
        _ = Close(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FSync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
