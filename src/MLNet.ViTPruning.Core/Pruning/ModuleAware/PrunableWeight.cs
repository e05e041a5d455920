using System.Runtime.InteropServices;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>A weight matrix that may be pruned.</summary>
/// <param name="Name">Its state-dict key.</param>
/// <param name="Module">The module it belongs to.</param>
/// <param name="Weight">The weight; the model's own.</param>
internal sealed record PrunableWeight(string Name, WeightModule Module, Tensor Weight)
{
    private static readonly (string Suffix, WeightModule Module)[] Places =
    [
        ("attn.qkv.weight", WeightModule.Qkv),
        ("attn.q.weight", WeightModule.Qkv), ("attn.kv.weight", WeightModule.Qkv),    // PVTv2 has these two instead
        ("attn.proj.weight", WeightModule.Projection),
        ("mlp.fc1.weight", WeightModule.Mlp), ("mlp.fc2.weight", WeightModule.Mlp),
    ];

    /// <summary>Number of its weights.</summary>
    public int Count { get; } = checked((int)Weight.numel());

    /// <summary>All of a model, in the order of its layers.</summary>
    /// <exception cref="ArgumentException">The model has none.</exception>
    public static List<PrunableWeight> Of(VisionModel model)
    {
        var state = model.state_dict();
        var found = new List<PrunableWeight>();
        foreach (var prefix in BlockKeys.Prefixes(model.Configuration))
            foreach (var (suffix, module) in Places)
                if (state.TryGetValue($"{prefix}.{suffix}", out var weight)) found.Add(new PrunableWeight($"{prefix}.{suffix}", module, weight));
        return found.Count > 0 ? found : throw new ArgumentException("The model has no attention and no MLP whose weights could be pruned.", nameof(model));
    }

    /// <summary>Shows the weights in single precision, as their bits.</summary>
    /// <param name="use">Called once, on this thread; the bits are valid only meanwhile.</param>
    public void Use(Action<ReadOnlySpan<uint>> use)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var values = Weight.detach().to(float32).cpu().contiguous();    // the weight itself where it is all that already
        use(MemoryMarshal.Cast<byte, uint>(values.bytes));
        GC.KeepAlive(values);
    }
}
