namespace MLNet.ViTPruning.Tests;

[TestClass]
public sealed class ReadmeTests
{
    [TestMethod]
    [DataRow("PruneInPipeline")]
    [DataRow("DistillInPipeline")]
    public void Readme_ShowsTheCodeThatIsCompiledInTheExample(string name)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "MLNet.ViTPruning.sln"))) root = root.Parent;
        if (root is null) Assert.Inconclusive("the repository is not above the test program");
        var example = File.ReadAllText(Path.Combine(root.FullName, "examples", name, "Program.cs"));
        var region = example.Split("#region README\n")[1].Split("#endregion")[0].Trim();
        StringAssert.Contains(File.ReadAllText(Path.Combine(root.FullName, "README.md")), "```csharp\n" + region + "\n```");
    }
}
