using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Tests.Checkpoints;
using MLNet.ViTPruning.Tests.Pruning;
using MLNet.ViTPruning.Tests.Training;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;
using static MLNet.ViTPruning.Tests.Training.TrainerFixture;
using ModelSize = MLNet.ViTPruning.Measurement.ModelSize;

namespace MLNet.ViTPruning.Tests.Models;

/// <summary>Masks follow the weights wherever these go.</summary>
[TestClass]
public sealed class WeightMasksTests
{
    [TestMethod]
    [DataRow("a.safetensors")]
    [DataRow("a.pth")]
    public void Save_KeepsMasksAsBits_AndTheWeightsNamesAsTheyAre(string name)
    {
        using var folder = new TemporaryFolder();
        using var model = Masked("swin");
        string path = Path.Combine(folder.Path, name);

        ModelFile.Save(model, path);

        using (var loaded = ModelFile.Load(path)) AssertAlike(model, loaded);
        using var file = CheckpointFile.Open(path);
        foreach (var (weight, mask) in model.WeightMasks)
        {
            Assert.AreEqual(ScalarType.Byte, file.DTypeOf("weight_masks." + weight));
            Assert.AreEqual((mask.numel() + 7) / 8, file.ShapeOf("weight_masks." + weight).Single());
        }
        CollectionAssert.AreEquivalent(model.state_dict().Keys, file.Names.Where(n => !n.StartsWith("weight_masks.", StringComparison.Ordinal)).ToList());
    }

    [TestMethod]
    public void Write_ToAStream_KeepsMasks_AndABrokenOneIsRefused()
    {
        using var model = Masked("vit");
        using var stream = new MemoryStream();
        long before = LiveTensors.AfterCollection();
        ModelFile.Write(model, stream);
        Assert.AreEqual(before, Tensor.TotalCount);
        stream.Position = 0;
        using (var loaded = ModelFile.Read(stream)) AssertAlike(model, loaded);

        using var folder = new TemporaryFolder();
        var tensors = model.state_dict().Select(w => (w.Key, w.Value)).ToList();
        using var bits = zeros([3], ScalarType.Byte);
        foreach (var (name, says) in ((string, string)[])[("weight_masks.norm.weight", "expected Byte [2]"), ("weight_masks.nothing", "no weight 'nothing'")])
        {
            string path = Path.Combine(folder.Path, "broken.safetensors");
            SafetensorsWriter.Write(path, [.. tensors, (name, bits)], new Dictionary<string, string> { ["configuration"] = model.Configuration.ToJson() });
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => ModelFile.Load(path)).Message, says);
            using var opened = File.OpenRead(path);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => ModelFile.Read(opened)).Message, says);
        }
    }

    [TestMethod]
    public void Load_WithAnotherHead_LeavesOnlyItsMaskBehind()
    {
        using var folder = new TemporaryFolder();
        using var model = Masked("vit");
        using var head = model.state_dict()["head.weight"].detach().gt(0);
        model.SetWeightMasks(new Dictionary<string, Tensor>(model.WeightMasks) { ["head.weight"] = head });
        string path = Path.Combine(folder.Path, "a.safetensors");
        ModelFile.Save(model, path);
        using var loaded = ModelFile.Load(path, new ModelLoadOptions { NumClasses = 9 });
        CollectionAssert.AreEquivalent(model.WeightMasks.Keys.Where(n => n != "head.weight").ToList(), loaded.WeightMasks.Keys.ToList());
    }

    [TestMethod]
    public void Copy_SharesNothingThatMatters()
    {
        var model = Masked("pvt");
        using var expected = Masked("pvt");
        using var copy = model.Copy();
        model.SetWeightMasks(new Dictionary<string, Tensor>());
        model.Dispose();
        AssertAlike(expected, copy);
    }

    [TestMethod]
    [DataRow("vit")]
    [DataRow("swin")]
    public void Slice_CutsMasksAsItCutsWeights(string kind)
    {
        using var model = Masked(kind);
        var plan = new PruningPlan("unified", "random", [.. model.Configuration.Blocks.Select(b => new BlockPlan(
            b.Heads / 2, [.. Enumerable.Range(0, b.AttentionDim).Where(c => c % 4 != 1)], [.. Enumerable.Range(0, b.MlpHiddenDim).Where(c => c % 3 != 0)]))])
        {
            Embed = [.. model.Configuration.Stages.Select(s => (IReadOnlyList<int>)[.. Enumerable.Range(0, s.EmbedDim).Where(c => c % 8 != 2)])],
        };
        using var sliced = ModelSlicer.Slice(model, plan);
        Assert.HasCount(model.WeightMasks.Count, sliced.WeightMasks);
        // The random weights are not zero: what is zero in a sliced weight was masked before.
        using var scope = NewDisposeScope();
        foreach (var (name, mask) in sliced.WeightMasks) Assert.IsTrue(sliced.state_dict()[name].ne(0).eq(mask).all().ToBoolean(), name);

        using var images = TinyModels.Images(model, 2);
        var refused = Assert.ThrowsExactly<ArgumentException>(() => ChannelRecovery.Recover(sliced, model, plan, [images], new RecoveryOptions()));
        StringAssert.Contains(refused.Message, "MeanShift");
    }

    [TestMethod]
    public void DepthSurgery_KeepsTheMasksOfWhatStays()
    {
        using var model = Masked("vit");
        using var smaller = DepthSurgery.Remove(model, [new(0, BlockHalf.Attention), new(0, BlockHalf.Mlp)]);
        using var scope = NewDisposeScope();
        Assert.IsTrue(smaller.WeightMasks["blocks.0.mlp.fc1.weight"].eq(model.WeightMasks["blocks.1.mlp.fc1.weight"]).all().ToBoolean());
        Assert.HasCount(model.WeightMasks.Count / 2, smaller.WeightMasks);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Training_KeepsMasks_AlsoWhenItStopsAndGoesOn(bool stops)
    {
        using var folder = new TemporaryFolder();
        VisionModel Fresh()
        {
            var model = SmallModels.Random(Swin());
            WeightPruner.PruneInPlace(model, new DimapOptions { Ratio = 0.5 });
            return model;
        }
        using var source = new CancellationTokenSource();
        var options = Options with { EmaDecay = 0.9, LearningRate = 0.02, WeightDecay = 0.3, CheckpointSteps = 2, Progress = new StepLog(p => { if (stops && p.Step == 4) source.Cancel(); }), CancellationToken = source.Token };
        var job = Job(options, size: 16) with { RunFolder = folder.Path, Validation = Images(7, 16) };
        var model = Fresh();
        Trainer.Run(model, job);
        if (stops)
        {
            model.Dispose();
            model = Fresh();
            Trainer.Run(model, job with { Resume = true, Options = options with { CancellationToken = default } });
        }
        using var expected = Fresh();
        using (model) AssertMasksAlike(expected, model);
        using var best = ModelFile.Load(Path.Combine(folder.Path, "best.safetensors"));
        AssertMasksAlike(expected, best);
        Assert.IsTrue(Weights(best).Zip(Weights(expected)).Any(pair => pair.First != pair.Second), "it learnt");
    }

    [TestMethod]
    public void Resume_WithOtherMasks_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using var model = SmallModels.Random(Vit());
        WeightPruner.PruneInPlace(model, new MagnitudeOptions());
        Trainer.Run(model, Job() with { RunFolder = folder.Path });
        using var other = SmallModels.Random(Vit(), 2);
        WeightPruner.PruneInPlace(other, new MagnitudeOptions());    // as many of every tensor, but others
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Trainer.Run(other, Job() with { RunFolder = folder.Path, Resume = true })).Message, "masks");
    }

    [TestMethod]
    public void SetWeightMasks_ThatFitNothing_NamesAllFaults_AndChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(Vit());
        var before = Weights(model);
        var masks = new Dictionary<string, Tensor> { ["nothing"] = ones([1], ScalarType.Bool), ["head.bias"] = ones([7], ScalarType.Bool), ["norm.weight"] = ones([12]), ["head.weight"] = zeros([3, 12], ScalarType.Bool) };
        string message = Assert.ThrowsExactly<ArgumentException>(() => model.SetWeightMasks(masks)).Message;
        StringAssert.Contains(message, "'nothing'");
        StringAssert.Contains(message, "'head.bias' is [7]; expected the weight's shape [3]");
        StringAssert.Contains(message, "'norm.weight' is of type Float32");
        CollectionAssert.AreEqual(before, Weights(model));
    }

    [TestMethod]
    [DataRow("vit")]
    [DataRow("distilled")]
    [DataRow("swin")]
    [DataRow("pvt")]
    public void NonzeroMacs_CountWhatIsLeftLayerByLayer(string kind)
    {
        using var model = TinyModels.Of(kind);
        var c = model.Configuration;
        long all = ModelSize.Of(c).Macs, weights = WeightUses.Of(c).Sum(use => model.state_dict().TryGetValue(use.Key, out var weight) ? use.Value * weight.numel() : 0);
        long products = 0;
        for (int s = 0; s < c.Stages.Count; s++)
        {
            long keys = c.Family switch { ModelFamily.Swin => (long)c.WindowOf(s) * c.WindowOf(s), ModelFamily.PvtV2 => c.ReducedTokensOf(s), _ => c.TokensOf(s) };
            products += c.Stages[s].Blocks.Sum(b => 2 * c.TokensOf(s) * keys * b.AttentionDim);
        }
        Assert.AreEqual(all, weights + products, "every multiply-add is of a weight or of an attention product");
        Assert.AreEqual(all, ModelSize.NonzeroMacs(model));
        using (no_grad()) model.state_dict()[kind == "swin" ? "layers.1.blocks.0.mlp.fc1.weight" : kind == "pvt" ? "stages.1.blocks.0.mlp.fc1.weight" : "blocks.1.mlp.fc1.weight"].narrow(0, 0, 3).zero_();
        int stage = kind is "swin" or "pvt" ? 1 : 0;
        Assert.AreEqual(all - 3L * c.Stages[stage].EmbedDim * c.TokensOf(stage), ModelSize.NonzeroMacs(model));
    }

    private static VisionModel Masked(string kind)
    {
        var model = TinyModels.Of(kind);
        WeightPruner.PruneInPlace(model, new DimapOptions());
        return model;
    }

    private static void AssertAlike(VisionModel expected, VisionModel actual)
    {
        AssertMasksAlike(expected, actual);
        CollectionAssert.AreEqual(Weights(expected), Weights(actual));
    }

    private static void AssertMasksAlike(VisionModel expected, VisionModel actual)
    {
        using var scope = NewDisposeScope();
        Assert.IsNotEmpty(expected.WeightMasks);
        CollectionAssert.AreEquivalent(expected.WeightMasks.Keys.ToList(), actual.WeightMasks.Keys.ToList());
        foreach (var (name, mask) in expected.WeightMasks)
        {
            Assert.IsTrue(mask.eq(actual.WeightMasks[name]).all().ToBoolean(), name);
            foreach (var (bit, kept) in Values(actual.state_dict()[name]).Select(BitConverter.SingleToInt32Bits).Zip(Values(mask.to(ScalarType.Float32))))
                if (kept == 0) Assert.AreEqual(0, bit, name);
        }
    }
}
