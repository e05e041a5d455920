using System.Diagnostics;

namespace MLNet.ViTPruning.Training;

/// <summary>Time, processor time and pace of this process's part of a training.</summary>
internal sealed class TrainingClock
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TimeSpan _cpuStart = CpuNow();
    private double _trainSeconds, _waitSeconds;
    private long _images, _steps;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>Processor time of all threads.</summary>
    public TimeSpan Cpu => CpuNow() - _cpuStart;

    public double InputWaitShare => Share(_waitSeconds, _trainSeconds);

    public double ImagesPerSecond => _trainSeconds > 0 ? _images / _trainSeconds : 0;

    /// <summary>The most memory that the process has had, in bytes.</summary>
    public static long PeakMemoryBytes
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>Counts a step.</summary>
    /// <param name="images">Its images.</param>
    /// <param name="seconds">Its time.</param>
    /// <param name="waited">Time of it that was spent waiting for images.</param>
    public void Add(int images, double seconds, double waited)
    {
        _images += images;
        _steps++;
        _trainSeconds += seconds;
        _waitSeconds += waited;
    }

    /// <summary>Estimated time of some steps, validations and checkpoints included in their share.</summary>
    public TimeSpan TimeOf(long steps) => _steps == 0 ? TimeSpan.Zero : Elapsed / _steps * steps;

    /// <summary>A part of a time, in [0, 1].</summary>
    public static double Share(double part, double whole) => whole > 0 ? Math.Clamp(part / whole, 0, 1) : 0;

    private static TimeSpan CpuNow()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
