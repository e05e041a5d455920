using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>A convolution of odd kernel with half a kernel of zeros around the image, whose weights nobody draws at construction.</summary>
internal sealed class ConvolutionLayer : nn.Module
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;
    [ComponentName(Name = "bias")] private readonly Parameter _bias;
    private readonly LowPrecisionOperands _operands = new();
    private readonly long[] _strides;
    private readonly long[] _padding;
    private readonly long _groups;

    /// <param name="inputs">Channels that come in.</param>
    /// <param name="outputs">Channels that go out.</param>
    /// <param name="kernel">Side of the kernel; odd.</param>
    /// <param name="stride">Step from one output to the next.</param>
    /// <param name="depthWise">Whether each channel goes its own way; as many come in as go out then.</param>
    public ConvolutionLayer(int inputs, int outputs, int kernel, int stride, bool depthWise = false) : base(nameof(ConvolutionLayer))
    {
        _strides = [stride, stride];
        _padding = [kernel / 2, kernel / 2];
        _groups = depthWise ? inputs : 1;
        _weight = Weights.Empty(outputs, inputs / _groups, kernel, kernel);
        _bias = Weights.Empty(outputs);
        RegisterComponents();
    }

    /// <summary>The convolution, in bfloat16 where the pass says so; the input may then have either type.</summary>
    /// <param name="image">An image <c>[B, in, H, W]</c>, in any memory layout.</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>An image <c>[B, out, H / stride, W / stride]</c>.</returns>
    public Tensor Apply(Tensor image, ForwardPass pass)
    {
        var (weight, bias) = _operands.Of(_weight, _bias, pass);
        return nn.functional.conv2d(pass.LowPrecision ? Precision.Low(image) : image, weight, bias, _strides, _padding, groups: _groups);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _operands.Dispose();
        base.Dispose(disposing);
    }
}
