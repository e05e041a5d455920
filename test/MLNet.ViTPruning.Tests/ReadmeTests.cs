using System.ComponentModel;
using System.Diagnostics;

namespace MLNet.ViTPruning.Tests;

[TestClass]
public sealed class ReadmeTests
{
    [TestMethod]
    [DataRow("PruneInPipeline")]
    [DataRow("DistillInPipeline")]
    [DataRow("DepthAndPlans")]
    [DataRow("SkipPatches")]
    public void Readme_ShowsTheCodeThatIsCompiledInTheExample(string name)
    {
        string root = SharedData.Repository();
        var example = File.ReadAllText(Path.Combine(root, "examples", name, "Program.cs"));
        var region = example.Split("#region README\n")[1].Split("#endregion")[0].Trim();
        StringAssert.Contains(File.ReadAllText(Path.Combine(root, "README.md")), "```csharp\n" + region + "\n```");
    }

    [TestMethod]
    public void Readme_ShowsTheTablesOfTheResultFiles()
    {
        var start = new ProcessStartInfo("python3", ["test/results/tables.py", "--check"]) { WorkingDirectory = SharedData.Repository() };
        try
        {
            using var process = Process.Start(start)!;
            process.WaitForExit();
            Assert.AreEqual(0, process.ExitCode, "docs/results holds other figures than README; 'test/results/tables.py --write' puts them there.");
        }
        catch (Win32Exception)
        {
            Assert.Inconclusive("python3 is missing");
        }
    }
}
