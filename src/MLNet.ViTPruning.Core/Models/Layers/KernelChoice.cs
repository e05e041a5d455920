using System.Collections.Concurrent;
using System.Diagnostics;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>What decides which of two kernels is the faster one.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Type">Element type.</param>
/// <param name="Threads">Threads of the computation.</param>
/// <param name="Amount">Amount of rows or images, as a power of two.</param>
/// <param name="Size1">First size.</param>
/// <param name="Size2">Second size.</param>
/// <param name="Size3">Third size.</param>
internal readonly record struct KernelKey(string Operation, ScalarType Type, int Threads, int Amount, long Size1, long Size2, long Size3);

/// <summary>Remembers which of two equivalent kernels ran faster on this machine, and finds it out at first use.</summary>
/// <remarks>What is fastest depends on CPU, libraries and thread count in ways that no name tells. Safe for concurrent use.</remarks>
internal static class KernelChoice
{
    private const int MostRounds = 5;
    private const double Budget = 0.05;        // seconds for one choice
    private const double NeededGain = 0.93;    // the alternative must be faster by more than a busy machine's noise
    private static readonly ConcurrentDictionary<KernelKey, bool> TakesAlternative = new();

    /// <summary>Runs the faster of two kernels.</summary>
    /// <param name="key">What the choice depends on.</param>
    /// <param name="arguments">The operands; neither kernel changes them.</param>
    /// <param name="standard">The kernel to beat.</param>
    /// <param name="alternative">The other one; equal up to rounding.</param>
    /// <returns>The result, owned by the caller.</returns>
    public static Tensor Run<T>(in KernelKey key, T arguments, Func<T, Tensor> standard, Func<T, Tensor> alternative)
    {
        if (!TakesAlternative.TryGetValue(key, out bool takes))
        {
            // While one thread measures, others take the standard kernel.
            if (!TakesAlternative.TryAdd(key, false)) return standard(arguments);
            TakesAlternative[key] = takes = Measure(arguments, standard, alternative);
        }
        return takes ? alternative(arguments) : standard(arguments);
    }

    private static bool Measure<T>(T arguments, Func<T, Tensor> standard, Func<T, Tensor> alternative)
    {
        double best = double.MaxValue, bestAlternative = double.MaxValue, total = 0;
        // The first round also sets kernels up, so at least two are run.
        for (int round = 0; round < 2 || round < MostRounds && total < Budget; round++)
        {
            double a = Seconds(standard, arguments), b = Seconds(alternative, arguments);
            (best, bestAlternative, total) = (Math.Min(best, a), Math.Min(bestAlternative, b), total + a + b);
        }
        return bestAlternative < NeededGain * best;
    }

    private static double Seconds<T>(Func<T, Tensor> kernel, T arguments)
    {
        using var scope = NewDisposeScope();
        long start = Stopwatch.GetTimestamp();
        kernel(arguments);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
