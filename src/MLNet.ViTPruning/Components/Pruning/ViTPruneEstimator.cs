using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.ModelFiles;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Components;

/// <summary>Prunes the Vision Transformer that an earlier stage put on the Score column, and scores with the smaller one.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Input and output columns</term><description></description></listheader>
/// <item><term>Score (input)</term><description>written by <c>ScoreViT</c> or another stage of this library; carries the model</description></item>
/// <item><term>Label (input)</term><description>key; optional, balances the proxy images over the classes</description></item>
/// <item><term>Score, PredictedLabel (output)</term><description>of the pruned model; they hide the earlier stage's</description></item>
/// </list>
/// The transformer it returns is independent of the earlier stage; <c>CompactViT</c> drops that stage from a fitted chain.
/// </remarks>
public sealed class ViTPruneEstimator : IEstimator<ViTScoringTransformer>
{
    private readonly IHost _host;
    private readonly PruningOptions _options;
    private readonly string _labelColumnName;
    private readonly string _scoreColumnName;

    internal ViTPruneEstimator(IHostEnvironment environment, PruningOptions options, string labelColumnName, string scoreColumnName)
    {
        options.Validate();
        if (options is not (UnifiedPruningOptions or ApplyPlanOptions))
            throw new NotSupportedException($"{options.GetType().Name} is not a pruning method of this version; use {nameof(UnifiedPruningOptions)} or {nameof(ApplyPlanOptions)}.");
        _host = environment.Register(nameof(ViTPruneEstimator));
        _options = options;
        _labelColumnName = labelColumnName;
        _scoreColumnName = scoreColumnName;
    }

    /// <summary>Scores the channels on proxy images, ranks them and slices the model.</summary>
    /// <param name="input">Data with the image column and the Score column of an earlier stage.</param>
    /// <returns>The pruned model as a transformer, owned by the caller.</returns>
    /// <exception cref="InvalidOperationException">No earlier stage left a model on the Score column, or there are no rows.</exception>
    /// <exception cref="ArgumentException">The labels are of other classes than the model's, or the options do not fit the model.</exception>
    public ViTScoringTransformer Fit(IDataView input)
    {
        using var channel = _host.Start(nameof(Fit));
        var upstream = UpstreamModel.Find(input.Schema, _scoreColumnName, nameof(ViTPruneEstimator));
        var plan = _options is ApplyPlanOptions given ? given.Plan : Decide((UnifiedPruningOptions)_options, input, upstream, channel);
        var model = ModelSlicer.Slice(upstream.Model, plan);
        return new ViTScoringTransformer(_host, model, upstream.Settings, upstream.First, input.Schema, plan.ToJson());
    }

    private PruningPlan Decide(UnifiedPruningOptions options, IDataView input, ViTModel upstream, IChannel channel)
    {
        UnifiedPlanner.CheckSizes(upstream.Configuration, options);
        ulong seed = (ulong)(uint)(options.Seed ?? MLNetInternals.SettingsOf(_host).Seed ?? 0);

        var device = upstream.Model.parameters().First().device;
        var proxies = ProxySet.Draw(input, _labelColumnName, upstream, options.ProxyImages, (int)seed, device);
        var importance = Importances.Of(options.Importance);
        channel.Info(MessageSensitivity.None, $"Scoring the channels of {upstream.Configuration.Blocks.Count()} blocks on {proxies.Count} images with {importance.Name}");
        var told = options with { Estimate = new Told(channel, options.Estimate) };
        var scores = importance.Score(upstream.Model, proxies, new ScoringRequest(told, seed));
        return UnifiedPlanner.Plan(upstream.Configuration, scores, options) with { WeightsHash = WeightsHash.Of(upstream.Model) };
    }

    private sealed class Told(IChannel channel, IProgress<ScoringEstimate>? user) : IProgress<ScoringEstimate>
    {
        public void Report(ScoringEstimate value)
        {
            channel.Info(MessageSensitivity.None, $"{value.Importance}: {value.Channels} channels on {value.Images} images, about {Math.Ceiling(value.Expected.TotalSeconds)} s");
            user?.Report(value);
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        UpstreamModel.Check(inputSchema, _scoreColumnName, nameof(ViTPruneEstimator));
        // Which names the earlier stage chose besides Score is known only at Fit; the shape needs just these two.
        return inputSchema;
    }
}
