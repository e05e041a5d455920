using MLNet.ViTPruning.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models;

/// <summary>A Vision Transformer that classifies images. Its state dict has timm's keys.</summary>
/// <remarks>In evaluation mode and without gradients a model may be used by many threads at once. A forward pass inside
/// <c>torch.no_grad()</c> in evaluation mode reuses values derived from the weights (bfloat16 copies, combined attention
/// biases). They are renewed after <c>train</c>, <c>eval</c>, <c>load_state_dict</c> and a forward pass with gradients; who writes
/// weights in place at another time calls <see cref="WeightsChanged"/>.</remarks>
public abstract partial class VisionModel : nn.Module<Tensor, Tensor>
{
    private long _version;
    private readonly long[] _imagesOfParts;    // by stage
    private ComputePrecision _precision;

    private protected VisionModel(ModelConfiguration configuration, string name) : base(name)
    {
        Configuration = configuration;
        _imagesOfParts = ForwardParts.Images(configuration);
    }

    /// <summary>The structure this model has.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>The number format of matrix products.</summary>
    /// <value>The default is <see cref="ComputePrecision.Float32"/>.</value>
    public ComputePrecision Precision
    {
        get => _precision;
        set
        {
            if (!Enum.IsDefined(value)) throw new ArgumentOutOfRangeException(nameof(value), value, "Expected Float32 or BFloat16.");
            _precision = value;
            WeightsChanged();
        }
    }

    /// <summary>How many images go through a stage together where a batch may be cut into parts: one number for each stage, ascending.</summary>
    internal IReadOnlyList<long> ImagesOfParts => _imagesOfParts;

    /// <summary>How kernels are chosen in evaluation mode without gradients on a CPU; elsewhere they are always the standard ones.</summary>
    /// <value>The default is <see cref="KernelSelection.Measured"/>.</value>
    public KernelSelection Kernels { get; set; }

    /// <summary>Stochastic depth of forward passes in training mode with gradients: for the number of images and the device, factors of the
    /// branches <c>[2 * blocks, B, 1, 1]</c>, attention and MLP of each block in turn. Null for none.</summary>
    internal Func<long, Device, Tensor>? DropPath { get; set; }

    /// <summary>The number format that matrix products really have in evaluation mode without gradients: <see cref="Precision"/>, or
    /// <see cref="ComputePrecision.Float32"/> where this CPU was measured to be faster in it.</summary>
    public ComputePrecision InferencePrecision =>
        UsesLowPrecision(Kernels == KernelSelection.Measured && parameters().First().device_type == DeviceType.CPU, get_num_threads())
            ? ComputePrecision.BFloat16 : ComputePrecision.Float32;

    /// <summary>Makes a model with random weights, drawn as timm draws them; torch's global generator is not touched.</summary>
    /// <param name="configuration">The structure.</param>
    /// <param name="seed">Seed of the weights: the same seed gives the same weights.</param>
    /// <returns>A model in training mode on the CPU, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The configuration describes no model; all faults are listed.</exception>
    public static VisionModel Create(ModelConfiguration configuration, ulong seed = 0)
    {
        var model = CreateEmpty(configuration);
        WeightInitialization.Fill(model, seed);
        return model;
    }

    /// <summary>Makes a model whose weights are not initialised, for a loader to fill.</summary>
    /// <param name="configuration">The structure.</param>
    /// <returns>A model in training mode on the CPU, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The configuration describes no model; all faults are listed.</exception>
    public static VisionModel CreateEmpty(ModelConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        return configuration.Family switch
        {
            ModelFamily.Swin => new SwinTransformer(configuration),
            ModelFamily.PvtV2 => new PyramidVisionTransformer(configuration),
            _ => new VisionTransformer(configuration),
        };
    }

    /// <summary>Makes a model and fills its weights; where that fails, nothing of it stays behind.</summary>
    /// <param name="configuration">The structure.</param>
    /// <param name="fill">Writes every weight; runs without gradients.</param>
    /// <returns>A model in evaluation mode, owned by the caller.</returns>
    internal static VisionModel CreateFilled(ModelConfiguration configuration, Action<VisionModel> fill)
    {
        var model = CreateEmpty(configuration);
        try
        {
            using var noGrad = no_grad();
            fill(model);
            model.eval();
            model.WeightsChanged();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Classifies images.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
    /// <returns>Logits <c>[B, numClasses]</c>, with a distillation token the mean of both heads'; owned by the caller.</returns>
    /// <exception cref="ArgumentException">The images have another shape than the model's input.</exception>
    public override Tensor forward(Tensor images) => Forward(images, null);

    /// <summary>Classifies images with factors on the channels of each block.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
    /// <param name="gains">The factors, or null for none.</param>
    /// <returns>Logits <c>[B, numClasses]</c>, owned by the caller.</returns>
    /// <exception cref="ArgumentException">The images have another shape than the model's input.</exception>
    public Tensor Forward(Tensor images, ChannelGains? gains)
    {
        using var scope = NewDisposeScope();
        var pass = Begin(images, gains);
        if (!pass.MayChoose || gains is not null || images.shape[0] <= _imagesOfParts[0]) return Logits(images, pass).MoveToOuterDisposeScope();
        return cat([.. images.split(_imagesOfParts[^1], dim: 0).Select(part => LogitsInParts(part, pass))], 0).MoveToOuterDisposeScope(); // [B, numClasses]
    }

    /// <summary>Logits of images that are few enough for the last stage.</summary>
    private Tensor LogitsInParts(Tensor images, ForwardPass pass)
    {
        int last = Configuration.Stages.Count - 1;
        if (last == 0) return Logits(images, pass);
        using var scope = NewDisposeScope();
        return Finish(After(images, last - 1, pass), Configuration.FirstBlockOf(last), pass).MoveToOuterDisposeScope(); // [B, numClasses]
    }

    /// <summary>The residual stream <c>[B, N, C]</c> after a stage, in as many parts as it and those before it take.</summary>
    private Tensor After(Tensor images, int stage, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        if (images.shape[0] > _imagesOfParts[stage]) return cat([.. images.split(_imagesOfParts[stage], dim: 0).Select(part => After(part, stage, pass))], 0).MoveToOuterDisposeScope();
        var x = stage == 0 ? Enter(images, pass) : After(images, stage - 1, pass);
        var blocks = BlockLayers;
        int first = Configuration.FirstBlockOf(stage);
        for (int i = first; i < first + Configuration.Stages[stage].Blocks.Count; i++) x = blocks[i].Apply(Approach(x, i, pass), pass);
        return x.MoveToOuterDisposeScope();
    }

    private Tensor Logits(Tensor images, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return Classify(Encode(images, pass, null), pass).MoveToOuterDisposeScope(); // [B, numClasses]
    }

    /// <summary>The features that the head reads.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
    /// <param name="gains">Factors of the channels, or null for none.</param>
    /// <returns>Pooled features <c>[B, C]</c>, with a distillation token the mean of both tokens'; owned by the caller.</returns>
    /// <exception cref="ArgumentException">The images have another shape than the model's input.</exception>
    public Tensor Features(Tensor images, ChannelGains? gains = null)
    {
        using var scope = NewDisposeScope();
        var pass = Begin(images, gains);
        return Encode(images, pass, null).mean([1]).MoveToOuterDisposeScope(); // [B, C]
    }

    /// <summary>Logits and the features that they come from, in one pass.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
    /// <param name="blockOutputs">Receives what <see cref="BlockOutputs"/> returns, to the scope around this call; null for nothing.</param>
    /// <returns>Logits <c>[B, numClasses]</c> and features <c>[B, C]</c>, owned by the caller.</returns>
    internal (Tensor Logits, Tensor Features) ForwardWithFeatures(Tensor images, List<Tensor>? blockOutputs = null)
    {
        using var scope = NewDisposeScope();
        var pass = Begin(images, null);
        var features = Encode(images, pass, blockOutputs); // [B, heads, C]
        if (blockOutputs is not null)
            foreach (var output in blockOutputs) output.MoveToOuterDisposeScope();
        return (Classify(features, pass).MoveToOuterDisposeScope(), features.mean([1]).MoveToOuterDisposeScope());
    }

    /// <summary>The residual stream after each block.</summary>
    /// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
    /// <returns>One tensor for each block of all stages, owned by the caller: tokens <c>[B, N, C]</c> with the prefix tokens
    /// first in a ViT, <c>[B, H, W, C]</c> in Swin and PVTv2.</returns>
    /// <exception cref="ArgumentException">The images have another shape than the model's input.</exception>
    public IReadOnlyList<Tensor> BlockOutputs(Tensor images)
    {
        using var scope = NewDisposeScope();
        var pass = Begin(images, null);
        var outputs = new List<Tensor>();
        Encode(images, pass, outputs);
        foreach (var output in outputs) output.MoveToOuterDisposeScope();
        return outputs;
    }

    /// <summary>Says that weights were written in place, so that values derived from them are computed anew.</summary>
    public void WeightsChanged() => Interlocked.Increment(ref _version);

    /// <inheritdoc/>
    public override void train(bool train = true)
    {
        WeightsChanged();
        base.train(train);
    }

    /// <inheritdoc/>
    public override ValueTuple<IList<string>, IList<string>> load_state_dict(
        Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
    {
        WeightsChanged();
        return base.load_state_dict(source, strict, skip);
    }

    /// <summary>Pooled and normed features, one row for each head: <c>[B, heads, C]</c>.</summary>
    /// <param name="images">Images <c>[B, 3, H, W]</c>, shape checked.</param>
    /// <param name="pass">The forward pass.</param>
    /// <param name="blockOutputs">Receives the residual stream after each block, or null.</param>
    private protected abstract Tensor Encode(Tensor images, ForwardPass pass, List<Tensor>? blockOutputs);

    /// <summary>Logits <c>[B, numClasses]</c> from what <see cref="Encode"/> returned.</summary>
    private protected abstract Tensor Classify(Tensor features, ForwardPass pass);

    /// <summary>The blocks of all stages, in order.</summary>
    internal abstract IReadOnlyList<TransformerBlock> BlockLayers { get; }

    /// <summary>How many tokens are read after the last block, counted from the first; null where all of them are.</summary>
    internal abstract int? TokensRead { get; }

    /// <summary>The residual stream before the first block.</summary>
    internal abstract Tensor Enter(Tensor images, ForwardPass pass);

    /// <summary>What stands between a block and the one before it: patch merging or embedding where a stage begins, else nothing.</summary>
    /// <param name="x">The stream after the block before; returned itself where there is nothing.</param>
    /// <param name="block">Index of the block that follows.</param>
    /// <param name="pass">The forward pass.</param>
    internal abstract Tensor Approach(Tensor x, int block, ForwardPass pass);

    /// <summary>Logits from the residual stream, with the blocks from a given one on.</summary>
    /// <param name="x">The stream after the block before; overwritten where the pass allows it.</param>
    /// <param name="block">Index of the first block to apply; the number of blocks for none.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Logits <c>[B, numClasses]</c>.</returns>
    internal abstract Tensor Finish(Tensor x, int block, ForwardPass pass);

    internal ForwardPass Begin(Tensor images, ChannelGains? gains)
    {
        ArgumentNullException.ThrowIfNull(images);
        long side = Configuration.ImageSize;
        if (images.shape is not [_, 3, var height, var width] || height != side || width != side)
            throw new ArgumentException($"images is [{string.Join(", ", images.shape)}]; expected [B, 3, {side}, {side}].", nameof(images));
        bool cached = !training && !is_grad_enabled();
        if (!cached) WeightsChanged(); // an optimizer's step may follow
        bool mayChoose = cached && Kernels == KernelSelection.Measured && images.device_type == DeviceType.CPU;
        int threads = mayChoose ? get_num_threads() : 0;
        var branches = training && is_grad_enabled() ? DropPath?.Invoke(images.shape[0], images.device) : null;
        return new ForwardPass(cached, UsesLowPrecision(mayChoose, threads), mayChoose, threads, Interlocked.Read(ref _version), gains, branches);
    }

    private bool UsesLowPrecision(bool mayChoose, int threads) =>
        _precision == ComputePrecision.BFloat16 && (!mayChoose || LowPrecisionProducts.AreFaster(threads));
}
