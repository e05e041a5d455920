using System.Diagnostics;

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
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        string program = Path.Combine(SharedData.Repository(), "examples", name, "bin", own.Parent!.Name, own.Name, $"{name}.dll");
        if (!File.Exists(program)) Assert.Inconclusive($"'{program}' is not there; './setup.sh --build MLNet.ViTPruning.sln' builds the examples.");
        string folder = Directory.CreateTempSubdirectory("vitprune-example-").FullName;
        try
        {
            var start = new ProcessStartInfo("dotnet", [program]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.AreEqual(0, process.ExitCode, errors.Result);
            StringAssert.Contains(output, printed);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
