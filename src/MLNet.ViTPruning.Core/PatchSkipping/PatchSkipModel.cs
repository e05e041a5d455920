using System.Globalization;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Models.Layers;
using MLNet.ViTPruning.PatchSkipping.Runtime;
using MLNet.ViTPruning.PatchSkipping.Selection;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>A ViT or DeiT whose layers compute the patches that still change; the others pass on as they are, are seen by the others, and may be
/// computed again later.</summary>
/// <remarks>Kept patches of a whole batch stand in one matrix for norms, projections and MLP, so that no padding is computed; an image's
/// result does not depend on the batch it is in. In evaluation mode and without gradients a model may be used by many threads at once. With
/// gradients they flow through what was computed; the choice itself has none (<see cref="ForwardStraightThrough"/> gives it some).</remarks>
public sealed partial class PatchSkipModel : nn.Module<Tensor, Tensor>
{
    private const int LargerParts = 2;    // docs/performance.md

    [ComponentName(Name = "backbone")] private readonly VisionTransformer _backbone;
    [ComponentName(Name = "skip")] private readonly ModuleDict<PatchScorer> _scorers = new();
    [ComponentName(Name = "idle")] private readonly ModuleDict<IdleShift> _shifts = new();
    private volatile PatchSkipConfiguration _configuration;

    private PatchSkipModel(VisionTransformer backbone, PatchSkipConfiguration configuration) : base(nameof(PatchSkipModel))
    {
        (_backbone, _configuration) = (backbone, configuration);
        if (configuration.HasScorers)
            foreach (var layer in configuration.Layers) _scorers.Add(Key(layer.Layer), new PatchScorer(backbone.Configuration, configuration.Input));
        if (configuration.ShiftsIdle)
            foreach (var layer in configuration.Layers) _shifts.Add(Key(layer.Layer), new IdleShift(backbone.Configuration.NumFeatures));
        RegisterComponents();
    }

    /// <summary>Makes a model with new scorers.</summary>
    /// <param name="backbone">A ViT or DeiT, channel- and depth-pruned ones included; owned by the new model, whose device and mode the
    /// scorers take over.</param>
    /// <param name="configuration">Which layers skip.</param>
    /// <param name="seed">Seed of the scorers' first weights.</param>
    /// <returns>The model, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The model cannot skip like this, or is no ViT; all faults in one message. The backbone is then still
    /// the caller's.</exception>
    public static PatchSkipModel Create(VisionModel backbone, PatchSkipConfiguration configuration, long seed = 0)
    {
        var model = CreateEmpty(backbone, configuration);
        foreach (var (layer, scorer) in model.Scorers) scorer.Initialise(seed, layer);
        return model;
    }

    internal static PatchSkipModel CreateEmpty(VisionModel backbone, PatchSkipConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate(backbone.Configuration);
        var model = new PatchSkipModel((VisionTransformer)backbone, configuration);
        var like = backbone.parameters().First();
        foreach (var part in (nn.Module[])[model._scorers, model._shifts])
        {
            part.to(like.device);
            part.to(like.dtype);
        }
        model.train(backbone.training);
        return model;
    }

    /// <summary>The dense model inside; disposed with this one.</summary>
    public VisionModel Backbone => _backbone;

    /// <summary>Which layers skip, and how.</summary>
    /// <value>Another one of the same method and input may be set, with other thresholds or counts, or with fewer of the layers: a forward pass
    /// that has begun goes on with the old one.</value>
    /// <exception cref="ArgumentException">It does not fit the model, has another method or input, or a layer without a scorer.</exception>
    public PatchSkipConfiguration Configuration
    {
        get => _configuration;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.Validate(_backbone.Configuration);
            bool bothScored = value.HasScorers && _configuration.HasScorers;
            if (value.Method != _configuration.Method && !bothScored)
                throw new ArgumentException($"Method is {value.Method}; this model was made for {_configuration.Method}.", nameof(value));
            if (bothScored && value.Input != _configuration.Input)
                throw new ArgumentException($"Input is {value.Input}; this model's scorers read {_configuration.Input}.", nameof(value));
            if (value.ShiftsIdle && !_configuration.ShiftsIdle) throw new ArgumentException("ShiftsIdle is set; this model was made without shifts of idle patches.", nameof(value));
            var missing = value.HasScorers ? value.Layers.Where(l => !_scorers.ContainsKey(Key(l.Layer))).Select(l => Key(l.Layer)).ToList() : [];
            if (missing.Count == 0 && value.ShiftsIdle) missing = [.. value.Layers.Where(l => !_shifts.ContainsKey(Key(l.Layer))).Select(l => Key(l.Layer))];
            if (missing.Count > 0) throw new ArgumentException($"There is no {(value.HasScorers ? "scorer" : "shift")} for layer {string.Join(", ", missing)}.", nameof(value));
            _configuration = value;
        }
    }

    /// <summary>The scorers, by layer; none where the method has none.</summary>
    public IReadOnlyList<(int Layer, PatchScorer Scorer)> Scorers =>
        [.. _scorers.Keys.Select(key => (int.Parse(key, CultureInfo.InvariantCulture), _scorers[key]))];

    /// <summary>All scorers as one module, whose parameters are theirs alone.</summary>
    internal nn.Module ScorerModule => _scorers;

    /// <summary>What idle patches get, by layer; none where they pass unchanged.</summary>
    internal IReadOnlyList<(int Layer, IdleShift Shift)> IdleShifts => [.. _shifts.Keys.Select(key => (int.Parse(key, CultureInfo.InvariantCulture), _shifts[key]))];

    /// <summary>Multiply-adds of this model as it is configured now.</summary>
    public SkipMacs Macs => new(_backbone.Configuration, _configuration);

    /// <summary>Classifies images.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
    /// <returns>Logits <c>[B, numClasses]</c>, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The images have another shape than the model's input.</exception>
    public override Tensor forward(Tensor images) => Compute(images, _configuration, null);

    /// <summary>Classifies images and gives the residual stream after each block, of which the last then computes all tokens.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
    /// <param name="blockOutputs">Receives one tensor <c>[B, N, C]</c> for each block, to the scope around this call; null for nothing.</param>
    /// <returns>Logits <c>[B, numClasses]</c>, owned by the caller.</returns>
    internal Tensor Forward(Tensor images, List<Tensor>? blockOutputs)
    {
        if (blockOutputs is null) return forward(images);
        using var scope = NewDisposeScope();
        var logits = Logits(images, _configuration, _backbone.Begin(images, null), null, blockOutputs);
        foreach (var output in blockOutputs) output.MoveToOuterDisposeScope();
        return logits.MoveToOuterDisposeScope();
    }

    /// <summary>Classifies images and tells what was skipped.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
    /// <param name="details">What to tell beside counts and multiply-adds.</param>
    /// <returns>The result, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The images have another shape than the model's input.</exception>
    public SkipResult Run(Tensor images, SkipDetails details = SkipDetails.None)
    {
        var (configuration, model) = (_configuration, _backbone.Configuration);
        var record = new SkipRecord(details);
        var logits = Compute(images, configuration, record);
        return SkipResult.Of(logits, record, configuration, new SkipMacs(model, configuration), model.Blocks.Count(), model.ResolutionOf(0) * model.ResolutionOf(0));
    }

    private Tensor Compute(Tensor images, PatchSkipConfiguration configuration, SkipRecord? record)
    {
        using var scope = NewDisposeScope();
        var pass = _backbone.Begin(images, null);
        // Layers that skip have smaller activations, and need more images for products as large as those of others.
        long size = _backbone.ImagesOfParts[0] * (Leading(configuration) > 0 ? LargerParts : 1);
        if (!pass.MayChoose || images.shape[0] <= size) return Logits(images, configuration, pass, record).MoveToOuterDisposeScope();
        return cat([.. images.split(size, dim: 0).Select(part => Logits(part, configuration, pass, record))], 0).MoveToOuterDisposeScope();
    }

    private Tensor Logits(Tensor images, PatchSkipConfiguration configuration, ForwardPass pass, SkipRecord? record, List<Tensor>? blockOutputs = null)
    {
        using var scope = NewDisposeScope();
        record?.BeginPart();
        var run = Start(configuration, images, pass, record);
        var blocks = _backbone.BlockLayers;
        int first = pass.MayChoose && blockOutputs is null ? Leading(configuration) : 0;
        var x = first == 0 || images.shape[0] <= _backbone.ImagesOfParts[0] ? Lead(images, first, pass)
            : cat([.. images.split(_backbone.ImagesOfParts[0], dim: 0).Select(part => Lead(part, first, pass))], 0); // [B, N, C]
        for (int i = first; i < blocks.Count; i++)
        {
            x = run.Apply(blocks[i], i, x, i == blocks.Count - 1 && blockOutputs is null ? _backbone.TokensRead : null); // [B, N, C]; after the last [B, prefix, C]
            blockOutputs?.Add(x.clone().MoveToOuterDisposeScope());
        }
        return _backbone.Finish(x, blocks.Count, pass).MoveToOuterDisposeScope();                    // [B, numClasses]
    }

    /// <summary>Layers before the first one that skips, which compute every token; 0 where none skips or tokens are merged.</summary>
    private static int Leading(PatchSkipConfiguration configuration) =>
        configuration.Method == PatchSkipMethod.Merging || configuration.Layers.Count == 0 ? 0 : configuration.Layers[0].Layer;

    /// <summary>Tokens <c>[B, N, C]</c> after the first layers.</summary>
    private Tensor Lead(Tensor images, int layers, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var x = _backbone.Enter(images, pass);                                                       // [B, N, C]
        for (int i = 0; i < layers; i++) x = _backbone.BlockLayers[i].Apply(x, pass, null);          // [B, N, C]
        return x.MoveToOuterDisposeScope();
    }

    private ILayerRun Start(PatchSkipConfiguration configuration, Tensor images, ForwardPass pass, SkipRecord? record)
    {
        int prefix = _backbone.Configuration.PrefixTokens();
        if (configuration.Method == PatchSkipMethod.Merging) return new MergingRun(configuration, prefix, pass);
        IPatchSelector selector = configuration.Method switch
        {
            PatchSkipMethod.Random => new RandomSelector(configuration.Seed),
            PatchSkipMethod.ClassAttention => new ClassAttentionSelector(),
            _ => Selector(configuration),
        };
        return new SkippingRun(configuration, selector, configuration.ShiftsIdle ? ShiftOf : static _ => null, prefix, new ImageKeys(images), pass, record);
    }

    private ScoreSelector Selector(PatchSkipConfiguration configuration) =>
        new(ScorerOf, fixedCount: configuration.Method == PatchSkipMethod.LearnedTopK);

    private Tensor? ShiftOf(int layer) => _shifts.ContainsKey(Key(layer)) ? _shifts[Key(layer)].Value : null;

    private PatchScorer ScorerOf(int layer) => _scorers[Key(layer)];

    private static string Key(int layer) => layer.ToString(CultureInfo.InvariantCulture);
}
