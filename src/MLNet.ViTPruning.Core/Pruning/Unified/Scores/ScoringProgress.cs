using System.Diagnostics;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>Tells how far the scoring is, and before each part how long it will take.</summary>
/// <param name="options">Whom to tell.</param>
/// <param name="work">All the work, in forward passes of an image.</param>
internal sealed class ScoringProgress(UnifiedPruningOptions options, double work)
{
    private double _done;

    /// <summary>About how much work follows the part that is announced next, in forward passes of an image.</summary>
    public double Ahead { get; set; }

    /// <summary>Reports more work as done.</summary>
    public void Advance(double amount)
    {
        _done += amount;
        options.Progress?.Report(Math.Min(_done / work, 1));
    }

    /// <summary>Reports a part of the work as done or left out, however much of it was.</summary>
    public void MoveTo(double amount)
    {
        _done = amount;
        Advance(0);
    }

    /// <summary>Measures a forward pass and tells how long a part will take.</summary>
    /// <param name="name">The part.</param>
    /// <param name="model">The model.</param>
    /// <param name="images">A batch of the images.</param>
    /// <param name="groups">The channels.</param>
    /// <param name="count">How many images there are.</param>
    /// <param name="passes">The part's work, in forward passes of an image.</param>
    public void Announce(string name, VisionModel model, Tensor images, IReadOnlyList<ChannelGroup> groups, int count, double passes)
    {
        if (options.Estimate is null) return;
        using var noGrad = no_grad();
        double seconds = double.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            model.Forward(images, null).cpu().Dispose();
            seconds = Math.Min(seconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        TimeSpan Of(double forwardPasses) => TimeSpan.FromSeconds(seconds / images.shape[0] * forwardPasses);
        options.Estimate.Report(new ScoringEstimate(name, groups.Sum(group => group.Channels.Count), count, Of(passes)) { Remaining = Of(passes + Ahead) });
    }
}
