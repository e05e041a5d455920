using MLNet.ViTPruning.Tests.Cli;
using MLNet.ViTPruning.Tests.Data;

namespace MLNet.ViTPruning.Tests;

/// <summary>Examples that need no data run to their end and print what they promise; the others are run by the quickstart or need real weights.</summary>
[TestClass]
public sealed class ExamplesTests
{
    [TestMethod]
    [DataRow("MaskSwin", "no speed-up")]
    [DataRow("CutSwin", "MACs")]
    [DataRow("DepthAndPlans", "top-1")]
    public void Example_RunsWithoutArguments(string name, string printed)
    {
        string program = CliProcess.Built($"examples/{name}", name);
        if (!File.Exists(program)) Assert.Inconclusive($"'{program}' is not there; './setup.sh --build MLNet.ViTPruning.sln' builds the examples.");
        using var folder = new TempFolder();
        var result = CliProcess.Start(program, folder.Path);
        Assert.AreEqual(0, result.Code, result.Error);
        StringAssert.Contains(result.Output, printed);
    }
}
