namespace MLNet.ViTPruning.Tests;

/// <summary>The folder ../shared/data beside the repository, which holds real weights and images where there are any.</summary>
internal static class SharedData
{
    /// <summary>A file or folder of it; the test is inconclusive without it.</summary>
    public static string At(string relative)
    {
        var path = Path.GetFullPath(Path.Combine(Repository(), "..", "shared", "data", relative));
        if (File.Exists(path) || Directory.Exists(path)) return path;
        Assert.Inconclusive("../shared/data is missing");
        return "";
    }

    /// <summary>The folder that the tests were built in.</summary>
    public static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MLNet.ViTPruning.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The solution's folder was not found above the tests.");
        return folder.FullName;
    }
}
