using System.Collections.Concurrent;
using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Finds out whether bfloat16 products are worth having on this CPU.</summary>
/// <remarks>A CPU without instructions for them emulates them: 33 GFLOP/s against 215 in fp32 were measured on one core. Names of
/// CPUs do not tell reliably, a product of a few milliseconds does. Safe for concurrent use.</remarks>
internal static class LowPrecisionProducts
{
    // Each product takes about as long as a busy machine lets a thread run: of few rounds none may be undisturbed, and bfloat16 was taken by mistake.
    private const int Rows = 512, Inner = 256, Outer = 768, Rounds = 16;
    private static readonly ConcurrentDictionary<int, bool> Results = new();

    /// <summary>Whether a bfloat16 linear layer, conversion of its input included, beats an fp32 one.</summary>
    /// <param name="threads">Threads of the computation.</param>
    public static bool AreFaster(int threads) => Results.GetOrAdd(threads, static _ => Measure());

    private static bool Measure()
    {
        using var normal = inference_mode(false);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (input, weight) = (ones(Rows, Inner), ones(Outer, Inner));
        var low = weight.to(ScalarType.BFloat16);
        double full = double.MaxValue, half = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            full = Math.Min(full, Seconds(() => nn.functional.linear(input, weight)));
            half = Math.Min(half, Seconds(() => nn.functional.linear(input.to(ScalarType.BFloat16), low)));
        }
        return half < full;
    }

    private static double Seconds(Func<Tensor> product)
    {
        using var scope = NewDisposeScope();
        long start = Stopwatch.GetTimestamp();
        product();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
