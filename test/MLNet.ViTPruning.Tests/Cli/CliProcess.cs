using System.Diagnostics;

namespace MLNet.ViTPruning.Tests.Cli;

/// <summary>The program as a user starts it: a process of its own.</summary>
internal static class CliProcess
{
    public sealed record Result(int Code, string Output, string Error);

    public static Result Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Program());
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.Result);
    }

    // Built by the project reference, in the same configuration as these tests.
    private static string Program()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        string framework = own.Name, configuration = own.Parent!.Name;
        for (var folder = own; folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "MLNet.ViTPruning.sln"))) continue;
            return Path.Combine(folder.FullName, "src", "MLNet.ViTPruning.Cli", "bin", configuration, framework, "vitprune.dll");
        }
        throw new DirectoryNotFoundException("The solution's folder was not found above the tests.");
    }
}
