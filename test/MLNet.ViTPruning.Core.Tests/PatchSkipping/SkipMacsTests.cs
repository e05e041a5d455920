using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping;

[TestClass]
public sealed class SkipMacsTests
{
    private static PatchSkipConfiguration With(ModelConfiguration model, bool context, PatchSkipMethod method = PatchSkipMethod.Learned) =>
        new() { Method = method, ContextAttention = context, Layers = PatchSkipConfiguration.UsualLayers(model, 0) };

    [TestMethod]
    [DataRow(40, 0.203, 0.164)]
    [DataRow(68, 0.348, 0.283)]
    public void Layer_OfViTBase_SavesWhatWasPublished(int skipped, double plain, double context)
    {
        var model = ModelPresets.Get("vit_base_patch16_224");
        long n = 197, c = 768, m = n - skipped, block = 12 * n * c * c + 2 * n * n * c, scorer = n * (c + 1) * 64;
        foreach (bool sees in (bool[])[false, true])
        {
            long layer = new SkipMacs(model, With(model, sees)).Layer(5, 196 - skipped);
            Assert.AreEqual(sees ? (10 * m + 2 * n) * c * c + 2 * m * n * c : 12 * m * c * c + 2 * m * m * c, layer - scorer);
            Assert.AreEqual(sees ? context : plain, 1 - (double)layer / block, 5e-4);
        }
    }

    [TestMethod]
    [DataRow("vit", true)]
    [DataRow("distilled", true)]
    [DataRow("mean", false)]
    [DataRow("halves", true)]
    public void Dense_IsThatOfTheArchitecture_AndTheLastLayerIsShortWhereOnlyTheClassTokenIsRead(string kind, bool isShort)
    {
        var model = SkipModels.Configuration(kind);
        var macs = new SkipMacs(model, SkipModels.Skipping(kind));
        Assert.AreEqual(ModelSize.Of(model).Macs, macs.Dense);
        long n = model.TokensOf(0), idle = n - model.PrefixTokens(), c = model.NumFeatures;
        var last = model.Blocks.Last();
        Assert.AreEqual(isShort ? idle * (2 * c * last.AttentionDim + 2 * n * last.AttentionDim + 2 * c * last.MlpHiddenDim) : 0, macs.Dense - macs.DenseExecuted);
        long scorers = macs.Executed([.. SkipModels.Skipping(kind).Layers.Select(_ => SkipModels.Patches)]) - macs.DenseExecuted;
        Assert.AreEqual(SkipModels.Skipping(kind).Layers.Count * n * 64 * (c + 1), scorers);
    }

    [TestMethod]
    public void Run_CountsWhatItsFormulaSays()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var (kind, method, context) in ((string, PatchSkipMethod, bool)[])[("vit", PatchSkipMethod.Learned, true), ("mean", PatchSkipMethod.Learned, false),
            ("distilled", PatchSkipMethod.LearnedTopK, true), ("vit", PatchSkipMethod.ClassAttention, false), ("vit", PatchSkipMethod.Random, true)])
        {
            using var model = SkipModels.Create(kind, SkipModels.Skipping(kind, method, context));
            using var result = model.Run(SkipModels.Images(6));
            foreach (var image in result.Images)
            {
                long expected = model.Macs.DenseExecuted;
                var c = model.Backbone.Configuration;
                for (int l = 0; l < image.Tokens.Count; l++)
                {
                    var block = c.Blocks.ElementAt(model.Configuration.Layers[l].Layer);
                    long n = c.TokensOf(0), m = image.Tokens[l], width = c.NumFeatures, d = block.AttentionDim;
                    long Cost(long m, bool sees) => (sees ? 2 * n * width * d + m * (2 * width * d + 2 * n * d) : m * (4 * width * d + 2 * m * d)) + 2 * m * width * block.MlpHiddenDim;
                    long selection = method switch
                    {
                        PatchSkipMethod.Random => 0,
                        PatchSkipMethod.ClassAttention => width * d + n * d + 2 * n * width * d,
                        _ => n * 64 * (width + 1),
                    };
                    expected += Cost(m, context) + selection - Cost(n, true);
                }
                Assert.AreEqual(expected, image.ExecutedMacs, $"{kind} {method}");
                if (method is PatchSkipMethod.LearnedTopK or PatchSkipMethod.Random or PatchSkipMethod.ClassAttention) Assert.AreEqual(expected, model.Macs.Executed());
            }
        }
    }

    [TestMethod]
    public void Executed_WithoutMergedTokens_IsThatOfTheDenseModel_AndFallsWithEachMerge()
    {
        var model = SkipModels.Configuration("vit");
        long Merging(int r) => new SkipMacs(model, new PatchSkipConfiguration { Method = PatchSkipMethod.Merging, Layers = [new(0) { TokensMerged = r }, new(1) { TokensMerged = r }] }).Executed();
        Assert.AreEqual(new SkipMacs(model, SkipModels.Skipping("vit")).DenseExecuted, Merging(0));
        for (int r = 1; r < 4; r++) Assert.IsLessThan(r == 1 ? Merging(0) : Merging(r - 1), Merging(r));
        Assert.AreEqual(Merging(8), Merging(100), "half of the tokens at most");
    }

    [TestMethod]
    public void Executed_WithAWrongNumberOfLayers_OrOfThresholds_SaysSo()
    {
        var macs = new SkipMacs(SkipModels.Configuration("vit"), SkipModels.Skipping("vit"));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => macs.Executed([1])).Message, "the configuration has 2 layers");
        Assert.ThrowsExactly<InvalidOperationException>(() => macs.Executed());
    }
}
