using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Tests.Models;

[TestClass]
public sealed class ModelPresetsTests
{
    // Parameters as timm and torchvision count them; MACs as published (with attention products), in units of 10^9.
    [TestMethod]
    [DataRow("vit_tiny_patch16_224", 5_717_416, 1.25, 2)]
    [DataRow("vit_small_patch16_224", 22_050_664, 4.60, 2)]
    [DataRow("vit_base_patch16_224", 86_567_656, 17.56, 2)]
    [DataRow("deit_tiny_patch16_224", 5_717_416, 1.25, 2)]
    [DataRow("deit_small_patch16_224", 22_050_664, 4.60, 2)]
    [DataRow("deit_base_patch16_224", 86_567_656, 17.56, 2)]
    [DataRow("deit_tiny_distilled_patch16_224", 5_910_800, 1.3, 1)]
    [DataRow("deit_small_distilled_patch16_224", 22_436_432, 4.6, 1)]
    [DataRow("deit_base_distilled_patch16_224", 87_338_192, 17.7, 1)]
    [DataRow("swin_tiny_patch4_window7_224", 28_288_354, 4.5, 1)]
    [DataRow("swin_small_patch4_window7_224", 49_606_258, 8.7, 1)]
    [DataRow("swin_base_patch4_window7_224", 87_768_224, 15.4, 1)]
    [DataRow("pvt_v2_b0", 3_666_760, 0.6, 1)]
    [DataRow("pvt_v2_b1", 14_009_000, 2.1, 1)]
    [DataRow("pvt_v2_b2", 25_362_856, 4.0, 1)]
    [DataRow("vit_patch4_32", 2_710_948, 0.183, 3)]
    [DataRow("swin_patch2_window4_32", 5_430_560, 0.13, 2)]
    public void Size_IsThePublishedOne(string name, long parameters, double gigaMacs, int digits)
    {
        var size = ModelSize.Of(ModelPresets.Get(name));
        Assert.AreEqual(parameters, size.Parameters);
        Assert.AreEqual(gigaMacs, Math.Round(size.Macs / 1e9, digits));
    }

    [TestMethod]
    public void All_HasSeventeenValidRows_NamedAsTheyAreFound()
    {
        Assert.HasCount(17, ModelPresets.All);
        foreach (var (name, c) in ModelPresets.All)
        {
            c.Validate();
            Assert.AreEqual(name, c.Architecture);
            Assert.AreEqual(c, ModelConfiguration.FromJson(c.ToJson()));
            Assert.AreEqual(name.Contains("32", StringComparison.Ordinal) ? null : 248, c.Preprocessing.ResizeShorterSide);
            Assert.AreEqual(c.Family == ModelFamily.Swin ? 1e-5 : 1e-6, c.LayerNormEpsilon);
            Assert.IsTrue(c.Blocks.All(b => b.HeadDim == (c.Family == ModelFamily.Swin || name == "pvt_v2_b0" ? 32 : 64)), name);
        }
        Assert.AreEqual(Preprocessing.Half.Mean[0], ModelPresets.Get("vit_tiny_patch16_224").Preprocessing.Mean[0]);
        Assert.AreEqual(Preprocessing.ImageNet.Std[2], ModelPresets.Get("deit_tiny_patch16_224").Preprocessing.Std[2]);
    }

    [TestMethod]
    public void Get_UnknownName_ListsTheNames()
    {
        var e = Assert.ThrowsExactly<ArgumentException>(() => ModelPresets.Get("vit_huge"));
        StringAssert.Contains(e.Message, "vit_huge");
        foreach (string name in ModelPresets.All.Keys) StringAssert.Contains(e.Message, name);
    }

    [TestMethod]
    [DataRow("vit_patch4_32")]
    [DataRow("swin_patch2_window4_32")]
    [DataRow("deit_tiny_distilled_patch16_224")]
    public void Create_HasAsManyParametersAsCounted(string name)
    {
        using var model = VisionModel.CreateEmpty(ModelPresets.Get(name));
        Assert.AreEqual(ModelSize.Of(model.Configuration).Parameters, model.parameters().Sum(p => p.numel()));
    }

    [TestMethod]
    public void WithClasses_ChangesTheHeadAlone()
    {
        var c = ModelPresets.Get("vit_patch4_32").WithClasses(2, ["cat", "dog"]);
        c.Validate();
        Assert.AreEqual(2_710_948 - 98 * 193, ModelSize.Of(c).Parameters);
        Assert.AreEqual(c, c.WithClasses(3).WithClasses(2, ["cat", "dog"]));
    }
}
