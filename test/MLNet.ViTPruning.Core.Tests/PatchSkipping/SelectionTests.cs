using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping;

[TestClass]
public sealed class SelectionTests
{
    [TestMethod]
    public void Random_KeepsAsManyAsAsked_DifferentOnesByImageLayerAndSeed_TheSameEachTime()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        bool[][] Maps(long seed)
        {
            var configuration = SkipModels.Skipping("vit", PatchSkipMethod.Random) with { Seed = seed };
            using var model = SkipModels.Create("vit", configuration);
            using var result = model.Run(SkipModels.Images(4), SkipDetails.KeepMap);
            Assert.IsTrue(result.Images.All(image => image.Tokens.All(tokens => tokens == 7)));
            return [.. result.Images.SelectMany(image => image.KeepMap!.Chunk(16).Skip(1).Take(2))];
        }
        var first = Maps(1);
        for (int i = 0; i < first.Length; i++)
        {
            Assert.AreEqual(6, first[i].Count(kept => kept));
            for (int j = 0; j < i; j++) CollectionAssert.AreNotEqual(first[i], first[j]);
        }
        var again = Maps(1);
        for (int i = 0; i < first.Length; i++) CollectionAssert.AreEqual(first[i], again[i]);
        CollectionAssert.AreNotEqual(first[0], Maps(2)[0]);
    }

    [TestMethod]
    [DataRow("vit")]
    [DataRow("distilled")]
    public void ClassAttention_KeepsThePatchesThatTheClassTokenLooksAtMost(string kind)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create(kind, SkipModels.Skipping(kind, PatchSkipMethod.ClassAttention));
        var images = SkipModels.Images(5);
        using var result = model.Run(images, SkipDetails.KeepMap | SkipDetails.Scores);
        var backbone = model.Backbone;
        var before = backbone.BlockOutputs(images)[0];                                              // [B, N, C]
        var state = backbone.state_dict();
        var block = backbone.Configuration.Blocks.ElementAt(1);
        var y = nn.functional.layer_norm(before, [12], state["blocks.1.norm1.weight"], state["blocks.1.norm1.bias"], 1e-6);
        var qkv = y.matmul(state["blocks.1.attn.qkv.weight"].t()) + state["blocks.1.attn.qkv.bias"];
        int d = block.AttentionDim, prefix = model.Macs.Prefix;
        for (int i = 0; i < 5; i++)
        {
            var shares = zeros(before.shape[1], dtype: ScalarType.Float64);
            for (int h = 0; h < block.Heads; h++)
            {
                var q = qkv[i].narrow(1, h * block.HeadDim, block.HeadDim)[0];                      // [headDim]
                var k = qkv[i].narrow(1, d + h * block.HeadDim, block.HeadDim);                     // [N, headDim]
                shares = shares + (k.matmul(q) / Math.Sqrt(block.HeadDim)).softmax(0) / block.Heads;
            }
            double[] expected = SkipModels.Values(shares)[prefix..];
            int[] best = [.. Enumerable.Range(0, 16).OrderByDescending(p => expected[p]).Take(6).Order()];
            var map = result.Images[i].KeepMap!.Skip(16).Take(16).ToArray();
            CollectionAssert.AreEqual(best, Enumerable.Range(0, 16).Where(p => map[p]).ToArray());
            for (int p = 0; p < 16; p++) Assert.AreEqual(expected[p], result.Images[i].Scores![p], 1e-6);
        }
    }

    [TestMethod]
    public void ReEntries_AreIdlePatchesThatTheNextLayerComputes()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create("mean", SkipModels.Skipping("mean"));
        using var result = model.Run(SkipModels.Images(20), SkipDetails.KeepMap);
        int total = 0;
        foreach (var image in result.Images)
        {
            var map = image.KeepMap!.Chunk(16).ToArray();
            int expected = Enumerable.Range(0, 16).Sum(p => Enumerable.Range(2, 2).Count(l => map[l][p] && !map[l - 1][p]));
            Assert.AreEqual(expected, image.ReEntries);
            total += expected;
        }
        Assert.IsGreaterThan(0, total);
    }

    [TestMethod]
    public void TopK_OfEqualScores_TakesTheFirstPatches()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit", PatchSkipMethod.LearnedTopK));
        foreach (var (_, scorer) in model.Scorers)
            foreach (var parameter in scorer.parameters()) parameter.zero_();
        using var result = model.Run(SkipModels.Images(10), SkipDetails.KeepMap);
        foreach (var image in result.Images)
            foreach (var layer in image.KeepMap!.Chunk(16).Skip(1).Take(2)) CollectionAssert.AreEqual(Enumerable.Range(0, 16).Select(p => p < 6).ToArray(), layer);
    }

    [TestMethod]
    public void Create_DrawsScorersBySeedAndLayer_AndLeavesTheGlobalGeneratorAlone()
    {
        using var scope = NewDisposeScope();
        var before = get_rng_state().data<byte>().ToArray();
        double[] First(long seed, int layer)
        {
            using var model = SkipModels.Create("vit", SkipModels.Skipping("vit"), seed: seed);
            return SkipModels.Values(model.Scorers[layer].Scorer.state_dict()["fc1.weight"]);
        }
        var weights = First(1, 0);
        CollectionAssert.AreEqual(weights, First(1, 0));
        CollectionAssert.AreNotEqual(weights, First(2, 0));
        CollectionAssert.AreNotEqual(weights, First(1, 1));
        double bound = 1 / Math.Sqrt(12);
        Assert.IsTrue(weights.All(w => Math.Abs(w) <= bound));
        Assert.AreEqual(bound / Math.Sqrt(3), Math.Sqrt(weights.Average(w => w * w)), 0.1 * bound);
        CollectionAssert.AreEqual(before, get_rng_state().data<byte>().ToArray());
    }
}
