namespace MLNet.ViTPruning.Training.Runs;

/// <summary>How much room a disk has, for messages.</summary>
internal static class DiskSpace
{
    /// <param name="folder">A folder on the disk.</param>
    /// <returns>One sentence.</returns>
    public static string Of(string folder)
    {
        try
        {
            return $"The disk has {new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace} bytes free.";
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return "How much the disk has free is unknown."; // a network path on Windows, for one
        }
    }
}
