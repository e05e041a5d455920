using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping;

[TestClass]
public sealed class RobustnessTests
{
    [TestMethod]
    [DataRow(ModelFamily.Swin, "Swin")]
    [DataRow(ModelFamily.PvtV2, "PVTv2")]
    public void Create_OfAnotherFamily_RefusesItByName(ModelFamily family, string name)
    {
        using var backbone = SmallModels.Random(family == ModelFamily.Swin ? SmallModels.Swin() : SmallModels.Pvt());
        var e = Assert.ThrowsExactly<ArgumentException>(() => PatchSkipModel.Create(backbone, new PatchSkipConfiguration { Layers = [] }));
        StringAssert.Contains(e.Message, name);
    }

    [TestMethod]
    public void Validate_ListsEveryFault()
    {
        var configuration = new PatchSkipConfiguration
        {
            Method = PatchSkipMethod.LearnedTopK,
            Input = (ScorerInput)7,
            ScaledCosineThreshold = 0,
            Layers = [new(2) { ScoreThreshold = 1.5, TokensMerged = 1 }, new(1) { PatchesKept = 17 }, new(3), new(9)],
        };
        var e = Assert.ThrowsExactly<ArgumentException>(() => configuration.Validate(SkipModels.Configuration("vit")));
        foreach (string fault in (string[])["Input is 7", "ScaledCosineThreshold is 0", "ascending", "layer 2: ScoreThreshold is 1.5", "layer 2: PatchesKept is missing",
            "layer 2: TokensMerged has no effect", "layer 1: PatchesKept is 17; expected 0 to 16", "layer 3 is the last", "layer 9: the model has layers 0 to 3"])
            StringAssert.Contains(e.Message, fault);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new PatchSkipConfiguration { Method = PatchSkipMethod.ClassAttention, Layers = [new(2) { PatchesKept = 3 }] }
            .Validate(SkipModels.Configuration("halves"))).Message, "layer 2 has no attention");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new PatchSkipConfiguration { Method = PatchSkipMethod.Merging, Layers = [] }
            .Validate(SkipModels.Configuration("mean"))).Message, "class token");
    }

    [TestMethod]
    public void Configuration_SurvivesJson()
    {
        foreach (var method in Enum.GetValues<PatchSkipMethod>())
        {
            var configuration = SkipModels.Skipping("vit", method) with { ScaledCosineThreshold = 0.91, Seed = long.MaxValue };
            var read = PatchSkipConfiguration.FromJson(configuration.ToJson());
            Assert.AreEqual(configuration, read);
            StringAssert.Contains(configuration.ToJson(), "\"scaledCosineThreshold\":0.91");
        }
        Assert.AreEqual("4, 5, 6, 7, 8, 9, 10", string.Join(", ", PatchSkipConfiguration.UsualLayers(ModelPresets.Get("vit_tiny_patch16_224")).Select(l => l.Layer)));
        Assert.HasCount(0, PatchSkipConfiguration.UsualLayers(SkipModels.Configuration("vit")));
    }

    [TestMethod]
    public void Configuration_ThatTheModelHasNoScorersFor_IsRefused()
    {
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit") with { Layers = [new(1)] });
        void Refuses(PatchSkipConfiguration configuration, string message) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => model.Configuration = configuration).Message, message);
        Refuses(SkipModels.Skipping("vit"), "no scorer for layer 2");
        Refuses(SkipModels.Skipping("vit", PatchSkipMethod.Random), "Method is Random");
        Refuses(SkipModels.Skipping("vit", input: ScorerInput.TokenAndClass) with { Layers = [new(1)] }, "Input is TokenAndClass");
        Refuses(new PatchSkipConfiguration { Layers = [new(3)] }, "layer 3 is the last");
    }

    [TestMethod]
    public void Forward_OfAnotherShape_SaysSo()
    {
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit"));
        using var images = zeros(1, 3, 8, 16, dtype: ScalarType.Float64);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => model.forward(images)).Message, "[1, 3, 8, 16]");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => model.Label(images)).Message, "expected [B, 3, 16, 16]");
    }

    [TestMethod]
    public void Forward_OfNoImages_GivesNoLogits()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var method in Enum.GetValues<PatchSkipMethod>())
        {
            using var model = SkipModels.Create("vit", SkipModels.Skipping("vit", method));
            using var result = model.Run(SkipModels.Images(1).narrow(0, 0, 0), SkipDetails.KeepMap);
            CollectionAssert.AreEqual(new long[] { 0, 5 }, result.Logits.shape, $"{method}");
            Assert.HasCount(0, result.Images);
        }
    }

    [TestMethod]
    [DataRow(PatchSkipMethod.Learned)]
    [DataRow(PatchSkipMethod.LearnedTopK)]
    [DataRow(PatchSkipMethod.ClassAttention)]
    [DataRow(PatchSkipMethod.Merging)]
    public void Forward_FromEightThreads_GivesTheSameLogits(PatchSkipMethod method)
    {
        using var scope = NewDisposeScope();
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit", method, input: method == PatchSkipMethod.Learned ? ScorerInput.TokenAndNeighbours : ScorerInput.Token));
        var images = SkipModels.Images(10);
        var results = new double[8][];
        double[] Logits()
        {
            using var noGrad = no_grad();
            using var logits = model.forward(images);
            return SkipModels.Values(logits);
        }
        var threads = Enumerable.Range(0, 8).Select(i => new Thread(() =>
        {
            for (int repeat = 0; repeat < 5; repeat++) results[i] = Logits();
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        double[] expected = Logits();
        foreach (double[] result in results)
            for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], result[i], 1e-9);
    }

    [TestMethod]
    [DataRow(PatchSkipMethod.Learned, true)]
    [DataRow(PatchSkipMethod.Learned, false)]
    [DataRow(PatchSkipMethod.LearnedTopK, false)]
    [DataRow(PatchSkipMethod.Random, true)]
    [DataRow(PatchSkipMethod.ClassAttention, true)]
    [DataRow(PatchSkipMethod.Merging, true)]
    public void Forward_LeavesNoTensorBehind(PatchSkipMethod method, bool inference)
    {
        var input = method == PatchSkipMethod.Learned ? ScorerInput.TokenAndNeighbours : ScorerInput.Token;
        using var model = SkipModels.Create("distilled", SkipModels.Skipping("distilled", method, input: input));
        using var images = SkipModels.Images(10);
        void Run()
        {
            using var mode = set_grad_enabled(!inference);
            model.forward(images).Dispose();
            model.Run(images, SkipDetails.KeepMap | SkipDetails.Scores).Dispose();
            if (!model.Configuration.HasScorers) return;
            foreach (var decision in model.Label(images)) decision.Dispose();
            model.ForwardStraightThrough(images).Dispose();
        }
        Run();
        long before = LiveTensors.AfterCollection();
        for (int i = 0; i < 5; i++) Run();
        Assert.AreEqual(before, torch.Tensor.TotalCount);
    }

    [TestMethod]
    public void Dispose_FreesBackboneAndScorers()
    {
        void Run()
        {
            using var scope = NewDisposeScope();
            using var model = SkipModels.Create("vit", SkipModels.Skipping("vit", input: ScorerInput.TokenAndNeighbours));
            model.forward(SkipModels.Images(2)).Dispose();
        }
        Run();
        long before = LiveTensors.AfterCollection();
        Run();
        Assert.AreEqual(before, LiveTensors.AfterCollection());
    }
}
