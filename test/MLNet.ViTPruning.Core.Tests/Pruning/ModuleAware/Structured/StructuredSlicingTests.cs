using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning.ModuleAware;

[TestClass]
public sealed class StructuredSlicingTests
{
    [TestMethod]
    [DataRow("swin", AttentionUnit.Channels)]
    [DataRow("swin", AttentionUnit.Heads)]
    [DataRow("vit", AttentionUnit.Channels)]
    [DataRow("vit", AttentionUnit.Heads)]
    [DataRow("distilled", AttentionUnit.Heads)]
    [DataRow("mean, layer scale", AttentionUnit.Channels)]
    [DataRow("pvt", AttentionUnit.Channels)]
    [DataRow("pvt", AttentionUnit.Heads)]
    public void TheSlicedModel_EqualsTheMaskedOne_InFloat64(string family, AttentionUnit unit)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyModels.Of(family);
        model.to(float64);
        var images = TinyModels.Images(model, 3).to(float64);
        foreach (var (attention, mlp) in new[] { (0.5, 1.0), (1.0, 0.5), (0.6, 0.4), (0.01, 0.01) })
        {
            var plan = StructuredDimapPlanner.Plan(model, new() { AttentionKeepRatio = attention, MlpKeepRatio = mlp, AttentionUnit = unit });
            using var sliced = ModelSlicer.Slice(model, plan);
            double difference = (model.Forward(images, Masks(model, plan)) - sliced.forward(images)).abs().max().ToDouble();
            Assert.IsLessThanOrEqualTo(1e-9, difference);
            Assert.IsGreaterThan(1e-6, (model.forward(images) - sliced.forward(images)).abs().max().ToDouble(), "the cut must matter");
            if (unit == AttentionUnit.Heads && attention < 1) Assert.IsTrue(plan.Blocks.Any(block => block.KeptHeads is not null));
        }
    }

    [TestMethod]
    public void HeadsAndChannelsTogether_AsAPlanMaySay_AreSlicedAsTheyAreMasked()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyModels.Swin();
        model.to(float64);
        var plan = new PruningPlan("by hand", "none", [.. model.Configuration.Blocks.Select(block => new BlockPlan(1, [5, 7], [0, 3]) { KeptHeads = [1] })]);
        using var sliced = ModelSlicer.Slice(model, plan);
        Assert.IsTrue(sliced.Configuration.Blocks.All(block => block == new BlockConfiguration(1, 2, 2)));
        var images = TinyModels.Images(model, 2).to(float64);
        Assert.IsLessThanOrEqualTo(1e-9, (model.Forward(images, Masks(model, plan)) - sliced.forward(images)).abs().max().ToDouble());
    }

    [TestMethod]
    [DataRow(AttentionUnit.Channels)]
    [DataRow(AttentionUnit.Heads)]
    public void Recovery_OnRequest_BringsEveryCutHalfNearerToWhatItWas(AttentionUnit unit)
    {
        using var noGrad = no_grad();
        using var model = TinyModels.Swin();
        var plan = StructuredDimapPlanner.Plan(model, new() { AttentionKeepRatio = 0.6, MlpKeepRatio = 0.5, AttentionUnit = unit });
        using var sliced = ModelSlicer.Slice(model, plan);
        var report = ChannelRecovery.Recover(sliced, model, plan, [TinyModels.Images(model, 24)], new RecoveryOptions());
        Assert.HasCount(8, report);
        Assert.IsTrue(report.All(half => half.ErrorAfter <= half.ErrorBefore + 1e-12));
        Assert.IsLessThan(report.Average(half => half.ErrorBefore), report.Average(half => half.ErrorAfter));
    }

    private static ChannelGains Masks(VisionModel model, PruningPlan plan) => new()
    {
        Attention = [.. model.Configuration.Blocks.Zip(plan.Blocks, (block, kept) => Mask(block.AttentionDim, kept.AttentionChannels))],
        Mlp = [.. model.Configuration.Blocks.Zip(plan.Blocks, (block, kept) => Mask(block.MlpHiddenDim, kept.MlpChannels))],
    };

    private static Tensor Mask(int count, IReadOnlyList<int> kept)
    {
        var mask = new double[count];
        foreach (int channel in kept) mask[channel] = 1;
        return tensor(mask).unsqueeze(0);    // [1, channels]
    }
}
