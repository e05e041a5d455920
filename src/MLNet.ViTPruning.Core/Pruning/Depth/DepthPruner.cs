using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Depth;

/// <summary>What depth pruning made.</summary>
/// <param name="Model">The shallower model in eval mode, owned by the caller.</param>
/// <param name="Plan">What was removed, why, and what the remaining blocks are made of.</param>
public sealed record DepthPruningResult(VisionModel Model, DepthPlan Plan)
{
    /// <summary>The errors of every half that remains before and after the last recovery; empty without recovery.</summary>
    public IReadOnlyList<HalfRecovery> Recovery { get; init; } = [];
}

/// <summary>Removes blocks, or halves of neighbouring blocks, one pair at a time.</summary>
/// <remarks>A model of L blocks has 2L - 1 candidates: each block, and each MLP together with the attention that follows it. In a
/// model of several stages both halves are of one stage, and every stage keeps an attention half.</remarks>
public static class DepthPruner
{
    private const double ScoringShare = 0.2;    // of a removal's time, where a training follows

    /// <summary>Scores, removes the least, and scores again; recovers what is left.</summary>
    /// <param name="model">The model; a copy of it is scored, in eval mode and fp32. It is also what every smaller model is compared with.</param>
    /// <param name="proxies">Gives the same normalised images <c>[B, 3, H, W]</c>, in the same batches, each time it is called: once at first and
    /// once for each removal. Each batch is disposed after use.</param>
    /// <param name="options">How far to go.</param>
    /// <param name="images">Labelled images of <see cref="DepthPruningOptions.FineTune"/>; <see langword="null"/> without it.</param>
    /// <param name="recoveryImages">Gives the images of <see cref="DepthPruningOptions.Recovery"/>, as <paramref name="proxies"/> gives its own;
    /// <see langword="null"/> for the same ones.</param>
    /// <returns>The model and the plan, which carries the hash of the weights of <paramref name="model"/>.</returns>
    /// <exception cref="ArgumentException">An option is out of range, the model has not that many blocks, or the images differ from call to call.</exception>
    /// <exception cref="TrainingDivergedException">Too many losses of a training between removals were no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DepthPruningResult Prune(VisionModel model, Func<IEnumerable<Tensor>> proxies, DepthPruningOptions options, ITrainingImages? images = null,
        Func<IEnumerable<Tensor>>? recoveryImages = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(proxies);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if ((options.FineTune is null) != (images is null))
            throw new ArgumentException(images is null ? "FineTune needs labelled images; give some." : "There are images to train on but no FineTune; give it, or leave the images null.", nameof(images));
        DepthCandidates.CheckTarget(model.Configuration, options);
        RecoveryRun.CheckMasks(model, options.Recovery);
        var reference = new List<Tensor>();
        var current = model.Copy(requiresGrad: false);    // others may be scoring with the model, or training it
        try
        {
            string hash = WeightsHash.Of(current);
            using var original = options.Recovery.Method == RecoveryMethod.None ? null : current.Copy(requiresGrad: false);
            using var tuning = images is null ? null : new DepthFineTuning(current, images, options);
            reference = BlockDivergence.Reference(current, proxies(), options.CancellationToken);
            if (reference.Count == 0) throw new ArgumentException("There are no proxy images; the candidates are scored on them.", nameof(proxies));
            var halves = Halves(model.Configuration);    // which halves of the original the current model's halves are, in order
            var removals = new List<DepthRemoval>();
            IReadOnlyList<HalfRecovery> errors = [];
            double done = 0;
            while (!DepthCandidates.Suffices(model.Configuration, current.Configuration, removals.Count, options))
            {
                // A training takes longer than scoring; what either takes of a removal is not known before.
                double scored = Math.Min(1, done + DepthCandidates.Step(model.Configuration, current.Configuration, options) * (tuning is null ? 1 : ScoringShare));
                var removal = Score(current, halves, proxies(), reference, options with { Progress = ProgressPart.Of(options.Progress, done, scored) });
                removals.Add(removal);
                Shorten(ref current, halves, removal.Removed);
                bool trains = options.FineTune is not null || options.AfterRemoval is not null;
                if (original is not null && (trains || DepthCandidates.Suffices(model.Configuration, current.Configuration, removals.Count, options)))
                    errors = Recover(current, original, removals, (recoveryImages ?? proxies)(), options);
                AfterRemoval(ref current, options.AfterRemoval);
                double next = DepthCandidates.Progress(model.Configuration, current.Configuration, removals.Count, options);
                tuning?.Run(current, removals.Count, Math.Min(scored, next), next);
                done = Math.Max(scored, next);
                options.Progress?.Report(done);
            }
            current.Precision = model.Precision;
            return new DepthPruningResult(current, new DepthPlan("kl", (int)reference.Sum(batch => batch.shape[0]), removals, Blocks(model.Configuration, halves)) { WeightsHash = hash })
            {
                Recovery = errors,
            };
        }
        catch
        {
            current.Dispose();
            throw;
        }
        finally
        {
            foreach (var batch in reference) batch.Dispose();
        }
    }

    /// <summary>Scores the candidates of a model.</summary>
    private static DepthRemoval Score(VisionModel model, List<BlockHalfId> halves, IEnumerable<Tensor> batches, List<Tensor> reference, DepthPruningOptions options)
    {
        var pairs = DepthCandidates.Of(model.Configuration);
        if (pairs.Count == 0)
            throw new ArgumentException(FormattableString.Invariant($"MacsKeepRatio is {options.MacsKeepRatio}; the model still has more multiply-adds than that now that every block that can go is gone."));
        var divergences = BlockDivergence.Score(model, pairs, batches, reference, options.Progress, options.CancellationToken);
        var places = Halves(model.Configuration);
        BlockHalfId Original(ModelStep step) => halves[places.IndexOf(new BlockHalfId(step.Block, step.Half!.Value))];
        var candidates = pairs.Select((pair, i) => new DepthCandidate(Original(pair.First), Original(pair.Second), divergences[i])).ToList();
        return new DepthRemoval(candidates.MinBy(candidate => double.IsNaN(candidate.Divergence) ? double.PositiveInfinity : candidate.Divergence)!, candidates);
    }

    /// <summary>Replaces the model by the one without what was decided last.</summary>
    private static void Shorten(ref VisionModel current, List<BlockHalfId> halves, DepthCandidate removed)
    {
        var places = Halves(current.Configuration);
        var shorter = DepthSurgery.Remove(current, [places[halves.IndexOf(removed.First)], places[halves.IndexOf(removed.Second)]]);
        halves.RemoveAll(half => half == removed.First || half == removed.Second);
        current.Dispose();
        current = shorter;
    }

    private static IReadOnlyList<HalfRecovery> Recover(VisionModel current, VisionModel original, List<DepthRemoval> removals, IEnumerable<Tensor> images, DepthPruningOptions options)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken, options.Recovery.CancellationToken);
        return DepthRecovery.Recover(current, original, removals.SelectMany(removal => removal.Halves), images, options.Recovery with { CancellationToken = linked.Token });
    }

    private static void AfterRemoval(ref VisionModel current, Func<VisionModel, VisionModel>? train)
    {
        if (train is null) return;
        var configuration = current.Configuration;
        current = train(current) ?? throw new ArgumentException("AfterRemoval returned no model.");
        if (!current.Configuration.Stages.SequenceEqual(configuration.Stages)) throw new ArgumentException("AfterRemoval returned a model of another structure; it may only change weights.");
        current.eval();
    }

    private static List<BlockHalfId> Halves(ModelConfiguration configuration) =>
        [.. ModelSteps.Of(configuration).Where(step => step.Half is not null).Select(step => new BlockHalfId(step.Block, step.Half!.Value))];

    /// <summary>What the blocks of the model are made of that only has the given halves.</summary>
    private static List<BlockOrigin> Blocks(ModelConfiguration original, List<BlockHalfId> halves) =>
        [.. DepthSurgery.BlocksWithout(original, [.. Halves(original).Except(halves)]).SelectMany(stage => stage)];
}
