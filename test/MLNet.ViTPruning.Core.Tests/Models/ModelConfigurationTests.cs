using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Tests.Models;

[TestClass]
public sealed class ModelConfigurationTests
{
    [TestMethod]
    [DynamicData(nameof(ForwardTests.All), typeof(ForwardTests))]
    public void Json_ThereAndBack_IsTheSame(string name)
    {
        var c = ForwardTests.Named(name) with { Architecture = name, LabelNames = ["a", "b", "ü", "\"", "<&>"] };
        var back = ModelConfiguration.FromJson(c.ToJson());
        Assert.AreEqual(c, back);
        Assert.AreEqual(c.ToJson(), back.ToJson());
        Assert.AreEqual(c.GetHashCode(), back.GetHashCode());
    }

    [TestMethod]
    public void Json_HasCamelCaseNamesAndNamedValues()
    {
        string json = SmallModels.Vit().ToJson();
        foreach (string part in new[] { "\"family\":\"vit\"", "\"imageSize\":16", "\"pooling\":\"classToken\"", "\"embedDim\":12", "\"mlpHiddenDim\":20", "\"headDim\":6", "\"bicubic-pillow\"" })
            StringAssert.Contains(json, part);
        Assert.DoesNotContain("hasAttention", json, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\n", json);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("null")]
    [DataRow("{}")]
    [DataRow("[1]")]
    [DataRow("{\"family\":\"vit\"")]
    public void FromJson_BrokenText_Throws(string json) => Assert.ThrowsExactly<InvalidDataException>(() => ModelConfiguration.FromJson(json));

    [TestMethod]
    [DataRow("\"imageSize\":16", "\"imageSize\":99999999")]
    [DataRow("\"imageSize\":16", "\"imageSize\":16,\"surprise\":1")]
    [DataRow("\"family\":\"vit\"", "\"family\":\"resnet\"")]
    [DataRow("\"headDim\":6", "\"headDim\":0")]
    [DataRow("\"numClasses\":5", "\"numClasses\":-5")]
    [DataRow("\"embedDim\":12", "\"embedDim\":2000000000")]
    [DataRow("\"patchSize\":4", "\"patchSize\":0")]
    public void FromJson_ImpossibleModel_Throws(string part, string replacement)
    {
        string json = SmallModels.Vit().ToJson();
        StringAssert.Contains(json, part);
        Assert.ThrowsExactly<InvalidDataException>(() => ModelConfiguration.FromJson(json.Replace(part, replacement, StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Validate_NamesEveryFaultAtOnce()
    {
        var c = SmallModels.Vit() with { NumClasses = 0, WindowSize = 3, LayerNormEpsilon = 2, LabelNames = ["one"], Preprocessing = Preprocessing.Half with { Std = [0, 1, 1] } };
        var e = Assert.ThrowsExactly<ArgumentException>(c.Validate);
        foreach (string part in new[] { "numClasses is 0", "windowSize is 3", "layerNormEpsilon is 2", "labelNames has 1", "preprocessing.std" }) StringAssert.Contains(e.Message, part);
    }

    [TestMethod]
    [DataRow(28, 4, "14 x 14 tokens, not a multiple of windowSize 4")]
    [DataRow(36, 3, "9 x 9 tokens, which patch merging cannot halve")]
    public void Validate_SwinGridThatWindowsDoNotTile_SaysSo(int imageSize, int window, string fault) =>
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(SmallModels.Swin(imageSize, window).Validate).Message, fault);

    [TestMethod]
    public void Validate_PartsThatAFamilyLacks_SaysSo()
    {
        Assert.ThrowsExactly<ArgumentException>((SmallModels.Swin() with { LayerScale = true }).Validate);
        Assert.ThrowsExactly<ArgumentException>((SmallModels.Swin() with { WindowSize = 0 }).Validate);
        Assert.ThrowsExactly<ArgumentException>((SmallModels.Vit() with { DistillationToken = true, Pooling = Pooling.Mean }).Validate);
        Assert.ThrowsExactly<ArgumentException>((SmallModels.Vit() with { Stages = SmallModels.Swin().Stages }).Validate);
    }

    [TestMethod]
    public void Equality_IsByContent()
    {
        Assert.AreEqual(SmallModels.Swin(), SmallModels.Swin());
        Assert.AreNotEqual(SmallModels.Swin(), SmallModels.Swin(windowSize: 8));
        Assert.AreNotEqual(SmallModels.Vit(), SmallModels.Vit(blocks: [new(2, 6, 20)]));
    }
}
