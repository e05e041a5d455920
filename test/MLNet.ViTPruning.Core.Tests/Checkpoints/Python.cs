using System.Diagnostics;

namespace MLNet.ViTPruning.Tests.Checkpoints;

/// <summary>Runs a short program in the system's Python with PyTorch, where there is one.</summary>
internal static class Python
{
    private const string Executable = "/usr/bin/python3";

    /// <returns>What it printed, or null where Python or torch is missing.</returns>
    public static string? Run(string program)
    {
        if (!File.Exists(Executable)) return null;
        using var process = Process.Start(new ProcessStartInfo(Executable, ["-c", "import importlib.util, sys\nif not importlib.util.find_spec('torch'): sys.exit(77)\n" + program]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode switch
        {
            0 => output,
            77 => null,
            _ => output + errors.Result,
        };
    }
}
