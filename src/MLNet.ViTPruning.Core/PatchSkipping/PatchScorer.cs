using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Models.Layers;
using MLNet.ViTPruning.Training;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>The small MLP (C-64-1 with ReLU) that says before a layer which patches the layer would change.</summary>
/// <remarks>Always computed in the weights' own type, also where the model computes in bfloat16: its decisions should not flicker.</remarks>
public sealed class PatchScorer : nn.Module
{
    /// <summary>Hidden channels.</summary>
    public const int HiddenDim = 64;

    [ComponentName(Name = "fc1")] private readonly LinearLayer _fc1;
    [ComponentName(Name = "fc2")] private readonly LinearLayer _fc2;
    private readonly Neighbourhood? _neighbourhood;
    private readonly ScorerInput _input;
    private readonly int _prefix;
    private readonly int _width;

    internal PatchScorer(ModelConfiguration model, ScorerInput input) : base(nameof(PatchScorer))
    {
        _input = input;
        _prefix = model.PrefixTokens();
        _width = model.NumFeatures;
        _fc1 = new LinearLayer([HiddenDim, input == ScorerInput.Token ? _width : 2 * _width]);
        _fc2 = new LinearLayer([1, HiddenDim]);
        if (input == ScorerInput.TokenAndNeighbours) _neighbourhood = new Neighbourhood(model.ResolutionOf(0), HiddenDim);
        RegisterComponents();
    }

    /// <summary>Draws the weights as torch draws a linear layer's, from no generator but a counter.</summary>
    /// <param name="seed">Seed of the draw.</param>
    /// <param name="layer">The layer, so that no two scorers are alike.</param>
    internal void Initialise(long seed, int layer)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        long index = 0;
        foreach (var linear in (LinearLayer[])[_fc1, _fc2])
        {
            double bound = 1 / Math.Sqrt(linear.Weight.shape[1]);
            foreach (var parameter in linear.parameters())
            {
                var random = new CounterRandom((ulong)seed, RandomPurpose.Scorer, layer, index++);
                float[] values = new float[parameter.numel()];
                for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextDouble(-bound, bound);
                parameter.copy_(tensor(values, parameter.shape));
            }
        }
    }

    /// <summary>Scores every patch.</summary>
    /// <param name="x">Tokens <c>[B, N, C]</c> before the layer, prefix tokens first; not changed.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>Raw scores <c>[B, P]</c>, whose sigmoid is the score; owned by the caller.</returns>
    internal Tensor Logits(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        // All tokens, for they lie side by side; the projection of what else is read comes before it is spread or averaged, which is the same.
        var hidden = Project(x, 0, _fc1.Bias, pass);                                                   // [B, N, 64]
        if (_input == ScorerInput.TokenAndClass) hidden = Add(hidden, Project(x.narrow(1, 0, 1), _width, null, pass), pass);
        if (_neighbourhood is not null)
        {
            var others = Project(x, _width, null, pass);                                               // [B, N, 64]
            hidden = hidden.narrow(1, _prefix, x.shape[1] - _prefix) + _neighbourhood.Mean(others.narrow(1, _prefix, x.shape[1] - _prefix)); // [B, P, 64]
        }
        hidden = pass.Cached ? hidden.relu_() : hidden.relu();
        var logits = hidden.matmul(_fc2.Weight.squeeze(0)) + _fc2.Bias!;                               // [B, N], or [B, P] already
        return (_neighbourhood is null ? logits.narrow(1, _prefix, x.shape[1] - _prefix) : logits).contiguous().MoveToOuterDisposeScope(); // [B, P]
    }

    private Tensor Project(Tensor x, long start, Tensor? bias, ForwardPass pass) =>
        LinearProduct.Compute(x, _fc1.Weight.narrow(1, start, _width), bias, pass);

    private static Tensor Add(Tensor x, Tensor y, ForwardPass pass) => pass.Cached ? x.add_(y) : x + y;

    /// <summary>Multiply-adds for one image.</summary>
    /// <param name="input">What the scorer reads.</param>
    /// <param name="tokens">Tokens N.</param>
    /// <param name="width">Width of the residual stream C.</param>
    internal static long Macs(ScorerInput input, long tokens, long width) => tokens * HiddenDim + HiddenDim * width * (input switch
    {
        ScorerInput.Token => tokens,
        ScorerInput.TokenAndClass => tokens + 1,
        _ => 2 * tokens,
    });

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _neighbourhood?.Dispose();
        base.Dispose(disposing);
    }
}
