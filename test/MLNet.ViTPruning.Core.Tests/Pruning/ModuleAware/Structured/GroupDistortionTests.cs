using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning.ModuleAware;

[TestClass]
public sealed class GroupDistortionTests
{
    [TestMethod]
    [DataRow("vit")]
    [DataRow("distilled")]
    [DataRow("swin")]
    [DataRow("pvt")]
    public void Score_IsEquation10OfTheGroupsEnergies_AsPlainLoopsGiveIt(string family)
    {
        using var model = TinyModels.Of(family);
        var (channels, heads) = (GroupDistortion.Score(model), GroupDistortion.Score(model, AttentionUnit.Heads));
        Assert.AreEqual("relative-distortion", channels.Importance);
        foreach (var (block, i) in model.Configuration.Blocks.Select((block, i) => (block, i)))
        {
            AreClose([.. Enumerable.Range(0, block.MlpHiddenDim).Select(c => NaiveDistortion.Mlp(model, i, c))], channels.Mlp[i]);
            AreClose([.. Enumerable.Range(0, block.AttentionDim).Select(c => NaiveDistortion.Attention(model, i, c))], channels.Attention[i]);
            AreClose([.. Enumerable.Range(0, block.Heads).Select(h => NaiveDistortion.Head(model, i, h))], [.. heads.Attention[i].Where((_, c) => c % block.HeadDim == 0)]);
            Assert.IsTrue(heads.Attention[i].Chunk(block.HeadDim).All(head => head.Distinct().Count() == 1), "a head's score stands at each of its channels");
            CollectionAssert.AreEqual(channels.Mlp[i], heads.Mlp[i]);
            Assert.AreEqual(1, channels.Mlp[i].Max());
            Assert.AreEqual(1, channels.Attention[i].Max());
        }
    }

    [TestMethod]
    public void Score_DoesNotChangeWithAFactorOnABlocksLayers_NorWithItsPositionBiases()
    {
        using var model = TinyModels.Swin();
        using var scaled = model.Copy();
        using (no_grad())
        {
            var weights = scaled.state_dict();
            foreach (var name in (string[])["mlp.fc1.weight", "mlp.fc1.bias", "mlp.fc2.weight"]) weights["layers.1.blocks.0." + name].mul_(8);    // exact in floats
            foreach (var name in (string[])["attn.qkv.weight", "attn.qkv.bias", "attn.proj.weight"]) weights["layers.0.blocks.1." + name].mul_(0.25);
            weights["layers.0.blocks.0.attn.relative_position_bias_table"].mul_(100);
        }
        foreach (var unit in Enum.GetValues<AttentionUnit>())
        {
            var (expected, actual) = (GroupDistortion.Score(model, unit), GroupDistortion.Score(scaled, unit));
            for (int i = 0; i < 4; i++)
            {
                CollectionAssert.AreEqual(expected.Mlp[i], actual.Mlp[i]);
                CollectionAssert.AreEqual(expected.Attention[i], actual.Attention[i]);
            }
        }
    }

    [TestMethod]
    public void Score_OfABlockOfZeros_IsZero_AndOfBrokenWeightsAnError()
    {
        using var model = TinyModels.Vit();
        using var noGrad = no_grad();
        var weights = model.state_dict();
        foreach (var name in (string[])["fc1.weight", "fc1.bias", "fc2.weight"]) weights["blocks.1.mlp." + name].zero_();
        Assert.IsTrue(GroupDistortion.Score(model).Mlp[1].All(score => score == 0));
        weights["blocks.0.mlp.fc1.weight"].fill_(double.NaN);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => GroupDistortion.Score(model)).Message, "block 0");
    }

    [TestMethod]
    public void Score_LeavesNoTensorsBehind()
    {
        using var model = TinyModels.Swin();
        GroupDistortion.Score(model);
        long before = LiveTensors.AfterCollection();
        GroupDistortion.Score(model, AttentionUnit.Heads);
        StructuredDimapPlanner.Plan(model, new StructuredDimapOptions { Budget = new(BudgetMeasure.Macs, 0.7) });
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    private static void AreClose(double[] energies, double[] scores)
    {
        var expected = NaiveDistortion.Scores(energies);
        Assert.HasCount(expected.Length, scores);
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], scores[i], 1e-9 * expected[i]);
    }
}
