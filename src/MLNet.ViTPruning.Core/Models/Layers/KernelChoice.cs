using System.Collections.Concurrent;
using System.Diagnostics;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>What decides which of several kernels is the fastest.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Type">Element type.</param>
/// <param name="Threads">Threads of the computation.</param>
/// <param name="Amount">Amount of rows or images, as a power of two.</param>
/// <param name="Size1">First size.</param>
/// <param name="Size2">Second size.</param>
/// <param name="Size3">Third size.</param>
internal readonly record struct KernelKey(string Operation, ScalarType Type, int Threads, int Amount, long Size1, long Size2, long Size3);

/// <summary>Remembers which of several equivalent kernels ran fastest on this machine, and finds it out at first use.</summary>
/// <remarks>What is fastest depends on CPU, libraries and thread count in ways that no name tells, and on the company: a BLAS with threads of its own
/// lets them spin for milliseconds after a product, in the way of torch's, and torch's do the same to it. So kernels are measured one after the
/// other, not in turns, and each time together with a small operation on torch's threads, as a model has it. Safe for concurrent use.</remarks>
internal static class KernelChoice
{
    internal const int LeastRounds = 5;      // the first one also sets the kernel up; a busy machine spoils some others
    private const int MostRounds = 100, CompanySize = 1 << 16;    // elements: enough for torch to use all threads
    private const double Budget = 0.03;        // seconds for each kernel: longer than the other threads spin
    private const double NeededGain = 0.93;    // an alternative must be faster by more than a busy machine's noise
    private static readonly ConcurrentDictionary<KernelKey, int> Fastest = new();

    /// <summary>Runs the fastest of some kernels.</summary>
    /// <param name="key">What the choice depends on.</param>
    /// <param name="arguments">The operands; no kernel changes them.</param>
    /// <param name="kernels">The kernel to beat, then the others; equal up to rounding.</param>
    /// <returns>The result, owned by the caller.</returns>
    public static Tensor Run<T>(in KernelKey key, T arguments, params ReadOnlySpan<Func<T, Tensor>> kernels)
    {
        if (!Fastest.TryGetValue(key, out int fastest))
        {
            // While one thread measures, others take the standard kernel.
            if (!Fastest.TryAdd(key, 0)) return kernels[0](arguments);
            Fastest[key] = fastest = Measure(arguments, kernels);
        }
        return kernels[fastest](arguments);
    }

    private static int Measure<T>(T arguments, ReadOnlySpan<Func<T, Tensor>> kernels)
    {
        using var company = zeros(CompanySize);
        int fastest = 0;
        double best = double.MaxValue;
        for (int i = kernels.Length - 1; i >= 0; i--)
        {
            double seconds = Shortest(kernels[i], arguments, company);
            if (seconds * (i == 0 ? NeededGain : 1) < best) (best, fastest) = (seconds, i);
        }
        return fastest;
    }

    private static double Shortest<T>(Func<T, Tensor> kernel, T arguments, Tensor company)
    {
        double shortest = double.MaxValue, total = 0;
        for (int round = 0; round < LeastRounds || (round < MostRounds && total < Budget); round++)
        {
            using var scope = NewDisposeScope();
            long start = Stopwatch.GetTimestamp();
            kernel(arguments);
            company.add_(1);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            (shortest, total) = (Math.Min(shortest, seconds), total + seconds);
        }
        return shortest;
    }
}
