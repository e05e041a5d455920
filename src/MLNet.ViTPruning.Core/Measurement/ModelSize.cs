using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Measurement;

/// <summary>Parameters and multiply-adds of one component of a model.</summary>
/// <param name="Component"><c>embed</c>, <c>attention</c>, <c>mlp</c>, <c>downsample</c> or <c>head</c>.</param>
/// <param name="Stage">Index of the stage, or null outside of them.</param>
/// <param name="Block">Index over all blocks of the model, or null outside of them.</param>
/// <param name="Parameters">Number of parameters, norms included: a block's half has its norm, the head the final one.</param>
/// <param name="Macs">Multiply-adds for one image.</param>
public sealed record ComponentSize(string Component, int? Stage, int? Block, long Parameters, long Macs);

/// <summary>How large a model is, from its configuration alone.</summary>
/// <remarks>MACs are multiply-adds of patch embedding, linear layers, convolutions, attention products (<c>2 N^2 D</c>, within windows
/// <c>2 N n D</c>, with reduced keys <c>2 N K D</c>) and head; biases, norms and softmax do not count.</remarks>
public sealed record ModelSize
{
    /// <summary>The components, in the order of the computation.</summary>
    public required IReadOnlyList<ComponentSize> Components { get; init; }

    /// <summary>Number of parameters.</summary>
    public long Parameters => Components.Sum(c => c.Parameters);

    /// <summary>Multiply-adds for one image.</summary>
    public long Macs => Components.Sum(c => c.Macs);

    /// <summary>Sizes of a model.</summary>
    /// <param name="configuration">Its configuration.</param>
    /// <returns>The sizes.</returns>
    /// <exception cref="ArgumentException">The configuration describes no model; all faults are listed.</exception>
    public static ModelSize Of(ModelConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        return new ModelSize { Components = [.. MacCounter.Components(configuration)] };
    }

    /// <summary>Parameters of a model that are not zero.</summary>
    /// <param name="model">The model; may be on any device.</param>
    /// <returns>Their number.</returns>
    public static long NonzeroParameters(nn.Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return model.parameters().Sum(parameter => parameter.count_nonzero().ToInt64());
    }

    /// <summary>Multiply-adds for one image whose weight is not zero, counted layer by layer; those of attention products, which have no weights, count
    /// in full. Dense kernels do not become faster by zeros: this is no measure of speed.</summary>
    /// <param name="model">The model; may be on any device.</param>
    /// <returns>Their number.</returns>
    public static long NonzeroMacs(VisionModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var state = model.state_dict();
        long zero = 0;
        foreach (var (name, uses) in WeightUses.Of(model.Configuration))
            if (state.TryGetValue(name, out var weight)) zero += uses * (weight.numel() - weight.count_nonzero().ToInt64());
        return Of(model.Configuration).Macs - zero;
    }
}
