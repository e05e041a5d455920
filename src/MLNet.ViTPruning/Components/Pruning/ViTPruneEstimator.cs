using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.ViTPruning.ModelFiles;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Components;

/// <summary>Prunes the Vision Transformer that an earlier stage put on the Score column, and scores with the smaller one.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Input and output columns</term><description></description></listheader>
/// <item><term>Score (input)</term><description>written by <c>ScoreViT</c> or another stage of this library; carries the model</description></item>
/// <item><term>Label (input)</term><description>key; optional, balances the proxy images, where there are any, over the classes; needed where depth pruning trains in between</description></item>
/// <item><term>Score, PredictedLabel (output)</term><description>of the pruned model; they hide the earlier stage's</description></item>
/// </list>
/// The transformer it returns is independent of the earlier stage; <c>CompactViT</c> drops that stage from a fitted chain.
/// </remarks>
public sealed class ViTPruneEstimator : IEstimator<ViTScoringTransformer>
{
    private static readonly Type[] Methods =
    [
        typeof(UnifiedPruningOptions), typeof(DimapOptions), typeof(StructuredDimapOptions), typeof(MagnitudeOptions), typeof(DeadGroupOptions), typeof(DepthPruningOptions), typeof(ApplyPlanOptions),
    ];

    private readonly IHost _host;
    private readonly PruningOptions _options;
    private readonly string _labelColumnName;
    private readonly string _scoreColumnName;

    internal ViTPruneEstimator(IHostEnvironment environment, PruningOptions options, string labelColumnName, string scoreColumnName)
    {
        options.Validate();
        if (!Methods.Contains(options.GetType()))
            throw new NotSupportedException($"{options.GetType().Name} is not a pruning method of this version; use one of {string.Join(", ", Methods.Select(method => method.Name))}.");
        _host = environment.Register(nameof(ViTPruneEstimator));
        _options = options;
        _labelColumnName = labelColumnName;
        _scoreColumnName = scoreColumnName;
    }

    /// <summary>Decides what goes, on proxy images or, by some methods, on the weights alone, without reading a row; builds the smaller model, and
    /// recovers what can be recovered without training.</summary>
    /// <remarks>With <see cref="DimapOptions"/> and <see cref="MagnitudeOptions"/> single weights become zero and tensors keep their sizes: there is no
    /// speed-up.</remarks>
    /// <param name="input">Data with the image column and the Score column of an earlier stage.</param>
    /// <returns>The pruned model as a transformer, owned by the caller; its <see cref="ViTScoringTransformer.Pruning"/> tells what was found.</returns>
    /// <exception cref="InvalidOperationException">No earlier stage left a model on the Score column, or there are no rows.</exception>
    /// <exception cref="ArgumentException">The labels are of other classes than the model's, or the options or the plan do not fit the model.</exception>
    /// <exception cref="InvalidDataException">The file of scores is broken, or the plans that the model carries are.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ViTScoringTransformer Fit(IDataView input)
    {
        using var channel = _host.Start(nameof(Fit));
        var run = Begin(input, channel, out var upstream);
        PlanHistory.Check(upstream.Plan);
        var pruned = _options switch
        {
            DepthPruningOptions depth => run.Depth(depth),
            ApplyPlanOptions given => run.Apply(given),
            StructuredDimapOptions structured => run.Structured(structured),
            DeadGroupOptions dead => run.RemoveDeadGroups(dead),
            WeightPruningOptions weights => run.Weights(weights),
            _ => run.Unified((UnifiedPruningOptions)_options),
        };
        return new ViTScoringTransformer(_host, pruned.Model, upstream.Settings, upstream.First, input.Schema, PlanHistory.Append(upstream.Plan, pruned.Plan), pruning: pruned.Report);
    }

    /// <summary>Scores the channels that <see cref="UnifiedPruningOptions"/> would cut, and cuts nothing. With
    /// <see cref="UnifiedPruningOptions.ScoresPath"/> they are saved, and a later <see cref="Fit"/> uses them again.</summary>
    /// <param name="input">Data with the image column and the Score column of an earlier stage.</param>
    /// <returns>The scores, and how stable their ranking is.</returns>
    /// <exception cref="InvalidOperationException">The options are of another method, no earlier stage left a model on the Score column, or there are no rows.</exception>
    /// <exception cref="ArgumentException">The labels are of other classes than the model's, or the options do not fit the model.</exception>
    public ChannelScores Score(IDataView input)
    {
        if (_options is not UnifiedPruningOptions options)
            throw new InvalidOperationException($"{_options.GetType().Name} scores no channels; use {nameof(UnifiedPruningOptions)}.");
        using var channel = _host.Start(nameof(Score));
        return Begin(input, channel, out _).Score(options);
    }

    private PruningRun Begin(IDataView input, IChannel channel, out ViTModel upstream)
    {
        upstream = UpstreamModel.Find(input.Schema, _scoreColumnName, nameof(ViTPruneEstimator));
        return new PruningRun(_host, channel, input, _labelColumnName, upstream, _options.Seed ?? MLNetInternals.SettingsOf(_host).Seed ?? 0);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        UpstreamModel.Check(inputSchema, _scoreColumnName, nameof(ViTPruneEstimator));
        // Which names the earlier stage chose besides Score is known only at Fit; the shape needs just these two.
        return inputSchema;
    }
}
