using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MLNet.ViTPruning.Tests.Cli;

/// <summary>The program as a user starts it: a process of its own.</summary>
internal static class CliProcess
{
    public sealed record Result(int Code, string Output, string Error);

    public static Result Run(params string[] arguments) => RunUntil(null, arguments);

    /// <summary>Runs the program, and asks it to end once a condition holds.</summary>
    public static Result RunUntil(Func<bool>? enough, params string[] arguments) =>
        Start(Built("src/MLNet.ViTPruning.Cli", "vitprune"), folder: "", enough, arguments);

    /// <summary>Runs a program that <see cref="Built"/> named, in a folder or, where that is empty, in this one.</summary>
    public static Result Start(string program, string folder, Func<bool>? enough = null, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var reading = process.StandardOutput.ReadToEndAsync();
        while (enough is not null && !process.WaitForExit(10))
        {
            if (!enough()) continue;
            // SIGTERM: a test program that was started in the background ignores SIGINT, and so would its child.
            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            kill.WaitForExit();
            break;
        }
        process.WaitForExit();
        return new(process.ExitCode, reading.Result, error.Result);
    }

    /// <summary>Runs the program, which must succeed and print one JSON object and nothing else.</summary>
    public static JsonObject Json(params string[] arguments)
    {
        var result = Run([.. arguments, .. arguments.Contains("--json") ? Array.Empty<string>() : ["--json"]]);
        Assert.AreEqual(0, result.Code, result.Error);
        Assert.AreEqual(1, result.Output.TrimEnd('\n').Split('\n').Length, result.Output);
        return JsonNode.Parse(result.Output)!.AsObject();
    }

    /// <summary>A project's program, built in the same configuration as these tests.</summary>
    public static string Built(string project, string name)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(SharedData.Repository(), project, "bin", own.Parent!.Name, own.Name, $"{name}.dll");
    }
}
