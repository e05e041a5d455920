using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.ModelFiles;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Pruning.Unified;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Components;

/// <summary>A pruned model, owned by the receiver.</summary>
/// <param name="Model">The model.</param>
/// <param name="Plan">How it was pruned, as JSON.</param>
/// <param name="Report">What was found.</param>
internal sealed record PrunedModel(VisionModel Model, string Plan, PruningReport Report);

/// <summary>The pruning of one model with the images of one data view.</summary>
/// <param name="host">The estimator.</param>
/// <param name="channel">Is told what takes time.</param>
/// <param name="input">The data.</param>
/// <param name="labelColumnName">Its label, which may be missing.</param>
/// <param name="upstream">The model.</param>
/// <param name="seed">Seed of all draws.</param>
internal sealed class PruningRun(IHost host, IChannel channel, IDataView input, string labelColumnName, ViTModel upstream, int seed)
{
    private const long ImageMemoryBytes = 1L << 28;    // as when training

    // Forward passes of an image that fitting all layers to it costs (ViT-Tiny), and how far behind an average channel's layer the model's end is.
    private const double PassesOfRecovery = 5, ShareOfExact = 0.5;

    /// <summary>Scores channels, cuts, recovers.</summary>
    public PrunedModel Unified(UnifiedPruningOptions options)
    {
        UnifiedPlanner.CheckSizes(upstream.Configuration, options);
        RecoveryRun.CheckMasks(upstream.Model, options.Recovery);
        var proxies = Proxies(options);
        double scoring = 1 - RecoveryShare(options, proxies?.Count ?? 0);
        var scores = Score(options with { Progress = ProgressPart.Of(options.Progress, 0, scoring) }, proxies);
        var plan = UnifiedPlanner.Plan(upstream.Configuration, scores, options) with { WeightsHash = WeightsHash.Of(upstream.Model), Scores = SourceOf(options, scores, proxies) };
        var cut = Cut(plan, options.Recovery, options.BatchSize, ProgressPart.Of(options.Progress, scoring, 1), options.CancellationToken);
        return cut with { Report = cut.Report with { Scores = scores } };
    }

    /// <summary>Cuts as a plan says, recovers.</summary>
    public PrunedModel Apply(ApplyPlanOptions options)
    {
        if (options.Plan is PruningPlan channels) return Cut(channels, options.Recovery, options.BatchSize, options.Progress, options.CancellationToken);
        var plan = (DepthPlan)options.Plan;
        RecoveryRun.CheckMasks(upstream.Model, options.Recovery);
        var cut = Recovered(DepthSurgery.Apply(upstream.Model, plan), plan, options.Recovery, options.BatchSize, options.Progress, options.CancellationToken,
            (model, images, told) => DepthRecovery.Recover(model, upstream.Model, plan.RemovedHalves, images, told));
        options.Progress?.Report(1);
        return cut with { Report = cut.Report with { Depth = plan } };
    }

    /// <summary>Scores groups by their weights, cuts, recovers on request. Without recovery it reads no row.</summary>
    public PrunedModel Structured(StructuredDimapOptions options)
    {
        options.CancellationToken.ThrowIfCancellationRequested();
        RecoveryRun.CheckMasks(upstream.Model, options.Recovery);
        channel.Info(MessageSensitivity.None, $"Scoring the MLP channels and attention {options.AttentionUnit.ToString().ToLowerInvariant()} of {upstream.Configuration.Blocks.Count()} blocks by their weights");
        var scores = GroupDistortion.Score(upstream.Model, options.AttentionUnit);
        var plan = StructuredDimapPlanner.Plan(upstream.Configuration, scores, options) with { WeightsHash = WeightsHash.Of(upstream.Model) };
        var cut = Cut(plan, options.Recovery, options.BatchSize, options.Progress, options.CancellationToken);
        if (options.Recovery.Method == RecoveryMethod.None) options.Progress?.Report(1);
        return cut with { Report = cut.Report with { Scores = scores } };
    }

    /// <summary>Removes dead groups. It reads no row.</summary>
    public PrunedModel RemoveDeadGroups(DeadGroupOptions options)
    {
        options.CancellationToken.ThrowIfCancellationRequested();
        var (model, blocks) = DeadGroups.Remove(upstream.Model);
        options.Progress?.Report(1);
        channel.Info(MessageSensitivity.None, $"Dead: {blocks.Sum(block => block.Heads)} heads, {blocks.Sum(block => block.AttentionChannels)} attention and {blocks.Sum(block => block.MlpChannels)} MLP channels");
        return new PrunedModel(model, new DeadGroupPlan(DeadGroupPlan.MethodName, blocks).ToJson(), new PruningReport(upstream.Configuration, model.Configuration) { DeadGroups = blocks });
    }

    /// <summary>Removes halves of blocks.</summary>
    public PrunedModel Depth(DepthPruningOptions options)
    {
        var proxies = Draw(options.ProxyImages);
        channel.Info(MessageSensitivity.None, $"Scoring what may go of {upstream.Configuration.Blocks.Count()} blocks on {proxies.Count} images");
        using var images = options.FineTune is { } recipe ? Labelled(recipe.Images, options.CancellationToken) : null;
        if (images is not null) channel.Info(MessageSensitivity.None, $"Training on {images.Count} images after each removal");
        bool recovers = options.Recovery.Method != RecoveryMethod.None;
        var recovery = recovers ? Draw(options.Recovery.Images) : proxies;
        if (recovers) channel.Info(MessageSensitivity.None, $"Recovering by {options.Recovery.Method} on {recovery.Count} images");
        Func<IEnumerable<Tensor>> Batches(ProxySet set) => () => set.Read(set.Count, options.BatchSize).Select(batch => batch.Images);
        var result = DepthPruner.Prune(upstream.Model, Batches(proxies), options with { Seed = seed }, images, Batches(recovery));
        var report = new PruningReport(upstream.Configuration, result.Model.Configuration) { Depth = result.Plan, Recovery = result.Recovery, RecoveryImages = recovers ? recovery.Count : 0 };
        return new PrunedModel(result.Model, result.Plan.ToJson(), report);
    }

    /// <summary>Images to train on, drawn class by class; the receiver's to dispose.</summary>
    private TrainingImageStore Labelled(int count, CancellationToken cancellationToken)
    {
        var columns = TrainingColumns.Of(input.Schema, labelColumnName, upstream.Settings.ImageColumnName, upstream.Configuration);
        var preprocessor = new ImagePreprocessor(upstream.Configuration.Preprocessing, upstream.Configuration.ImageSize);
        return TrainingImageStore.Read(input, columns, preprocessor, new SpillBuffer(MLNetInternals.SettingsOf(host).TempFilePath, ImageMemoryBytes), cancellationToken, Draw(count).Rows.ToHashSet());
    }

    /// <summary>Sets single weights to zero; reads no row.</summary>
    public PrunedModel Weights(WeightPruningOptions options)
    {
        var (model, plan) = WeightPruner.Prune(upstream.Model, options);
        channel.Info(MessageSensitivity.None, $"{plan.Removed} of {plan.Weights} weights are masked; tensors keep their sizes, so there is no speed-up");
        return new PrunedModel(model, plan.ToJson(), new PruningReport(upstream.Configuration, model.Configuration) { Weights = plan });
    }

    /// <summary>Only scores channels.</summary>
    public ChannelScores Score(UnifiedPruningOptions options)
    {
        UnifiedPlanner.CheckSizes(upstream.Configuration, options);
        return Score(options, Proxies(options));
    }

    /// <summary>The images that an importance looks at, or null where it looks at none: then no row is read.</summary>
    private ProxySet? Proxies(UnifiedPruningOptions options) =>
        options.Importance.LooksAtImages() ? Draw(options.ProxyImages) : null;

    private ChannelScores Score(UnifiedPruningOptions options, ProxySet? proxies)
    {
        var importance = Importances.Of(options.Importance);
        channel.Info(MessageSensitivity.None, $"Scoring the channels of {upstream.Configuration.Blocks.Count()} blocks {(proxies is null ? "" : $"on {proxies.Count} images ")}with {importance.Name}");
        var told = options with { Estimate = new ProgressOfBoth<ScoringEstimate>(new Told(channel), options.Estimate) };
        using var none = zeros(0, 3, 1, 1);
        return importance.Score(upstream.Model, proxies ?? (IProxyImages)new ProxyTensor(none), new ScoringRequest(told, (ulong)(uint)seed));
    }

    private ScoreSource SourceOf(UnifiedPruningOptions options, ChannelScores scores, ProxySet? proxies) => new()
    {
        ProxyImages = proxies?.Count,
        Images = proxies?.Fingerprint,
        Seed = proxies is null && options.Importance != ImportanceKind.Random ? null : seed,
        FisherDraws = options.Importance is ImportanceKind.Fisher or ImportanceKind.Auto ? options.FisherDraws : null,
        ExactImages = scores.ExactChannels > 0 ? options.Importance == ImportanceKind.Auto ? Math.Min(options.ExactImages, proxies!.Count) : proxies!.Count : null,
        ExactChannels = scores.ExactChannels > 0 ? scores.ExactChannels : null,
    };

    private PrunedModel Cut(PruningPlan plan, RecoveryOptions recovery, int batchSize, IProgress<double>? progress, CancellationToken cancellationToken) =>
        Recovered(ModelSlicer.Slice(upstream.Model, plan), plan, recovery, batchSize, progress, cancellationToken,
            (model, images, told) => ChannelRecovery.Recover(model, upstream.Model, plan, images, told));

    /// <summary>Recovers a model that was cut by a plan; disposes it where that fails.</summary>
    private PrunedModel Recovered(VisionModel model, IPruningPlan plan, RecoveryOptions recovery, int batchSize, IProgress<double>? progress, CancellationToken cancellationToken,
        Func<VisionModel, IEnumerable<Tensor>, RecoveryOptions, IReadOnlyList<HalfRecovery>> recover)
    {
        try
        {
            var report = new PruningReport(upstream.Configuration, model.Configuration);
            if (recovery.Method == RecoveryMethod.None || report.Before.Stages.SequenceEqual(report.After.Stages)) return new PrunedModel(model, plan.ToJson(), report);
            var images = Draw(recovery.Images);
            channel.Info(MessageSensitivity.None, $"Recovering by {recovery.Method} on {images.Count} images");
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, recovery.CancellationToken);
            var told = recovery with { Images = images.Count, Progress = new ProgressOfBoth<double>(progress, recovery.Progress), CancellationToken = linked.Token };
            var errors = recover(model, images.Read(images.Count, batchSize).Select(batch => batch.Images), told);
            return new PrunedModel(model, plan.ToJson(), report with { Recovery = errors, RecoveryImages = images.Count });
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private ProxySet Draw(int images) => ProxySet.Draw(input, labelColumnName, upstream, images, seed, upstream.Model.parameters().First().device);

    /// <summary>About how much of the time recovery takes.</summary>
    private double RecoveryShare(UnifiedPruningOptions options, int images)
    {
        if (options.Recovery.Method == RecoveryMethod.None) return 0;
        double scoring = options.Importance switch
        {
            ImportanceKind.Magnitude or ImportanceKind.Random => 0,
            ImportanceKind.Exact => upstream.Configuration.Blocks.Sum(block => block.AttentionDim + block.MlpHiddenDim) * ShareOfExact * images,
            ImportanceKind.Auto => FisherImportance.PassesPerImage(options) * images + ShareOfExact * options.ExactImagePasses,
            _ => FisherImportance.PassesPerImage(options) * images,
        };
        double recovery = PassesOfRecovery * options.Recovery.Images;
        return recovery / (recovery + scoring);
    }

    private sealed class Told(IChannel channel) : IProgress<ScoringEstimate>
    {
        public void Report(ScoringEstimate value) =>
            channel.Info(MessageSensitivity.None, $"{value.Importance}: {value.Channels} channels on {value.Images} images, about {Math.Ceiling(value.Expected.TotalSeconds)} s; all that is left about {Math.Ceiling(value.Remaining.TotalSeconds)} s");
    }
}
