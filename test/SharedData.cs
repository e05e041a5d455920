namespace MLNet.ViTPruning.Tests;

/// <summary>The folder ../shared/data beside the repository, which holds real weights and images where there are any.</summary>
internal static class SharedData
{
    /// <summary>A file or folder of it; the test is inconclusive without it.</summary>
    public static string At(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "MLNet.ViTPruning.sln"))) continue;
            var path = Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "data", relative));
            if (File.Exists(path) || Directory.Exists(path)) return path;
        }
        Assert.Inconclusive("../shared/data is missing");
        return "";
    }
}
