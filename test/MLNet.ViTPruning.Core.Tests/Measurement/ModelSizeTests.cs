using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Tests.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Measurement;

[TestClass]
public sealed class ModelSizeTests
{
    [TestMethod]
    [DynamicData(nameof(ForwardTests.All), typeof(ForwardTests))]
    public void Parameters_AreThoseOfTheModel(string name)
    {
        using var model = SmallModels.Random(ForwardTests.Named(name));
        Assert.AreEqual(model.parameters().Sum(p => p.numel()), ModelSize.Of(model.Configuration).Parameters);
    }

    [TestMethod]
    public void Macs_OfAVit_AddUp()
    {
        // 17 tokens of width 12; one block with 2 heads of 6 channels and 20 hidden channels.
        var size = ModelSize.Of(SmallModels.Vit(blocks: new BlockConfiguration(2, 6, 20)));
        CollectionAssert.AreEqual(new[] { "embed", "attention", "mlp", "head" }, size.Components.Select(c => c.Component).ToArray());
        CollectionAssert.AreEqual(new long[] { 16 * 48 * 12, 17 * 12 * 36 + 2 * 17 * 17 * 12 + 17 * 12 * 12, 2 * 17 * 12 * 20, 12 * 5 }, size.Components.Select(c => c.Macs).ToArray());
        Assert.AreEqual(size.Components.Sum(c => c.Macs), size.Macs);
    }

    [TestMethod]
    public void Macs_OfSwin_CountWindowsOnly()
    {
        var components = ModelSize.Of(SmallModels.Swin()).Components;
        // 256 tokens of width 8 that see 16 each; 64 merged ones of width 4 * 8 -> 12.
        Assert.AreEqual(256 * 8 * 24 + 2 * 256 * 16 * 8 + 256 * 8 * 8, components.First(c => c.Component == "attention").Macs);
        Assert.AreEqual(64 * 32 * 12, components.First(c => c.Component == "downsample").Macs);
        CollectionAssert.AreEqual(new int?[] { 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5 }, components.Where(c => c.Block is not null).Select(c => c.Block).ToArray());
    }

    [TestMethod]
    public void Components_OfABlockWithoutAHalf_LackIt()
    {
        var size = ModelSize.Of(SmallModels.Vit(blocks: [new(0, 0, 20), new(0, 0, 0), new(2, 6, 0)]));
        CollectionAssert.AreEqual(new[] { ("embed", null), ("mlp", 0), ("attention", 2), ("head", (int?)null) }, size.Components.Select(c => (c.Component, c.Block)).ToArray());
    }

    [TestMethod]
    public void NonzeroParameters_CountsWhatIsNotZero()
    {
        using var model = SmallModels.Random(SmallModels.Vit());
        long all = ModelSize.NonzeroParameters(model);
        Assert.AreEqual(ModelSize.Of(model.Configuration).Parameters, all);
        using (no_grad()) model.get_parameter("blocks.0.mlp.fc1.weight").zero_();
        Assert.AreEqual(all - 20 * 12, ModelSize.NonzeroParameters(model));
    }
}
