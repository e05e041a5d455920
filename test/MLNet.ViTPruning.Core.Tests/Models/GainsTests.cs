using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Models;

[TestClass]
public sealed class GainsTests
{
    private static ChannelGains Gains(ModelConfiguration c, Func<long, Tensor> make) => new()
    {
        Attention = [.. c.Blocks.Select(b => b.HasAttention ? make(b.AttentionDim) : null)],
        Mlp = [.. c.Blocks.Select(b => b.HasMlp ? make(b.MlpHiddenDim) : null)],
    };

    [TestMethod]
    [DataRow("vit", ComputePrecision.Float32)]
    [DataRow("vit absent halves", ComputePrecision.Float32)]
    [DataRow("swin", ComputePrecision.Float32)]
    [DataRow("vit", ComputePrecision.BFloat16)]
    [DataRow("swin", ComputePrecision.BFloat16)]
    [DataRow("pvt", ComputePrecision.Float32)]
    [DataRow("pvt", ComputePrecision.BFloat16)]
    public void Gains_OfOne_ChangeNothing(string name, ComputePrecision precision)
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(ForwardTests.Named(name));
        model.Precision = precision;
        model.Kernels = KernelSelection.Standard; // bfloat16 even where this CPU is slow at it
        var images = SmallModels.Images(model.Configuration, 3);
        var expected = SmallModels.Logits(model, images);
        SmallModels.AreClose(expected, SmallModels.Logits(model, images, Gains(model.Configuration, d => ones(1, d))), 1e-5);
        SmallModels.AreClose(expected, SmallModels.Logits(model, images, Gains(model.Configuration, d => ones(3, d))), 1e-5);
        SmallModels.AreClose(expected, SmallModels.Logits(model, images, new ChannelGains()), 0);
    }

    [TestMethod]
    [DataRow("vit", "blocks.2.", 2)]
    [DataRow("vit", "blocks.0.", 0)]
    [DataRow("swin", "layers.1.blocks.1.", 3)]
    public void Gains_OfZero_EqualWeightsOfZero(string name, string block, int index)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SmallModels.Random(ForwardTests.Named(name));
        var images = SmallModels.Images(model.Configuration, 3);
        var sizes = model.Configuration.Blocks.ElementAt(index);
        var attention = ones(1, sizes.AttentionDim);
        var mlp = ones(1, sizes.MlpHiddenDim);
        attention[0, 3] = 0;
        mlp[0, 5] = 0;
        var gains = new ChannelGains { Attention = [.. Enumerable.Repeat<Tensor?>(null, index), attention], Mlp = [.. Enumerable.Repeat<Tensor?>(null, index), mlp] };
        var masked = SmallModels.Logits(model, images, gains);
        for (int part = 0; part < 3; part++)
        {
            model.get_parameter(block + "attn.qkv.weight").select(0, part * sizes.AttentionDim + 3).zero_();
            model.get_parameter(block + "attn.qkv.bias").select(0, part * sizes.AttentionDim + 3).zero_();
        }
        model.get_parameter(block + "mlp.fc2.weight").select(1, 5).zero_();
        SmallModels.AreClose(SmallModels.Logits(model, images), masked, 1e-5);
    }

    [TestMethod]
    [DataRow("vit")]
    [DataRow("swin")]
    [DataRow("pvt")]
    public void Gains_GradientOfEachImage_IsItsOwn(string name)
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(ForwardTests.Named(name));
        var images = SmallModels.Images(model.Configuration, 3);
        long channels = model.Configuration.Blocks.First().AttentionDim;
        Tensor GradientOf(Tensor x)
        {
            var gain = ones([x.shape[0], channels], requires_grad: true);
            model.Forward(x, new ChannelGains { Attention = [gain] }).select(1, 2).sum().backward();
            return gain.grad!;
        }
        var together = GradientOf(images);
        for (int i = 0; i < 3; i++)
            SmallModels.AreClose(GradientOf(images.narrow(0, i, 1)).data<float>().ToArray(), together.narrow(0, i, 1).contiguous().data<float>().ToArray(), 1e-4);
    }
}
