using System.Diagnostics;

namespace MLNet.ViTPruning.Tests.Training.Runs;

/// <summary>The program KillTarget in a process of its own, on two threads, resuming what its folder holds.</summary>
internal sealed class ChildTraining : IDisposable
{
    private const int MaxMinutes = 5;

    private readonly Process _process;
    private readonly Timer _watchdog; // a child that hangs ends, and its test fails
    private readonly Task<string> _errors;

    /// <param name="family">vit or swin.</param>
    /// <param name="folder">Where run, log and weights are.</param>
    /// <param name="fileLimit">The most blocks of 512 bytes (1024 in some shells) that a file may have, or null.</param>
    public ChildTraining(string family, string folder, int? fileLimit = null)
    {
        string[] command = [DotNet, Path.Combine(AppContext.BaseDirectory, "KillTarget.dll"), family, RunOf(folder), LogOf(folder), WeightsOf(folder)];
        // Ignored, so that a write beyond the limit fails as it does on a full disk; the signal's default is to end the process.
        if (fileLimit is not null) command = ["/bin/sh", "-c", $"trap '' XFSZ; ulimit -f {fileLimit}; exec \"$@\"", "sh", .. command];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string threads in (string[])["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]) start.Environment[threads] = "2";
        start.Environment["OMP_WAIT_POLICY"] = "PASSIVE";         // two processes share the cores: waiting threads must not hold one
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";  // its memory is a file of 2 GB, which the limit would forbid
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        _watchdog = new Timer(_ => _process.Kill(), null, TimeSpan.FromMinutes(MaxMinutes), Timeout.InfiniteTimeSpan);
    }

    // The tests may have been started through their own program file, which cannot start another's.
    private static string DotNet =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public static string RunOf(string folder) => Path.Combine(folder, "run");

    public static string LogOf(string folder) => Path.Combine(folder, "losses.log");

    public static string WeightsOf(string folder) => Path.Combine(folder, "weights.bin");

    public bool HasEnded => _process.HasExited;

    /// <summary>What it writes next, or null once it has ended. A line with digits first is a step.</summary>
    public string? ReadLine() => _process.StandardOutput.ReadLine();

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code, and all that was written and not read.</returns>
    public (int Code, string Text) Finish()
    {
        string text = _process.StandardOutput.ReadToEnd();
        _process.WaitForExit();
        return (_process.ExitCode, text + _errors.Result);
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }
}
