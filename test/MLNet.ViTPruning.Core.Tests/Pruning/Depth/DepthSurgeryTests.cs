using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Tests.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;
using ModelSize = MLNet.ViTPruning.Measurement.ModelSize;

namespace MLNet.ViTPruning.Tests.Pruning.Depth;

[TestClass]
public sealed class DepthSurgeryTests
{
    [TestMethod]
    [DataRow("vit")]
    [DataRow("mean")]
    [DataRow("scaled")]
    [DataRow("distilled")]
    [DataRow("incomplete")]
    [DataRow("swin")]
    [DataRow("pvt")]
    public void Remove_EveryCandidate_EqualsTheModelThatSkipsBothHalves_Within1e9(string kind)
    {
        using var noGrad = no_grad();
        using var model = DepthModels.Create(kind);
        using var images = DepthModels.Images(model, 2);
        using var dense = model.forward(images);
        var candidates = DepthCandidates.Of(model.Configuration);
        Assert.IsNotEmpty(candidates);
        foreach (var (first, second) in candidates)
        {
            using var scope = NewDisposeScope();
            BlockHalfId[] halves = [new(first.Block, first.Half!.Value), new(second.Block, second.Half!.Value)];
            using var skipping = SkippedHalves.Of(model, halves);
            using var shorter = DepthSurgery.Remove(model, halves);
            var expected = skipping.forward(images);
            Assert.IsLessThanOrEqualTo(1e-9, (expected - shorter.forward(images)).abs().max().ToDouble(), $"{halves[0]}, {halves[1]}");
            Assert.IsGreaterThan(1e-3, (expected - dense).abs().max().ToDouble(), "the halves must matter");
            Assert.IsLessThan(ModelSize.Of(model.Configuration).Macs, ModelSize.Of(shorter.Configuration).Macs);
            Assert.AreEqual(shorter.parameters().Sum(p => p.numel()), ModelSize.Of(shorter.Configuration).Parameters);
        }
    }

    [TestMethod]
    public void Remove_AnyHalves_EqualsTheModelThatSkipsThem_Within1e9()
    {
        using var noGrad = no_grad();
        foreach (var kind in (string[])["vit", "swin"])
        {
            using var model = DepthModels.Create(kind);
            using var images = DepthModels.Images(model, 2);
            var halves = ModelSteps.Of(model.Configuration).Where(s => s.Half is not null).Select(s => new BlockHalfId(s.Block, s.Half!.Value)).ToArray();
            for (int draw = 0; draw < 10; draw++)
            {
                using var scope = NewDisposeScope();
                var random = new Random(draw);
                random.Shuffle(halves);
                // Blocks 0, 2 and 8 are in different stages of the Swin model; their attention stays.
                var chosen = halves.Where(half => half.Half == BlockHalf.Mlp || half.Block is not (0 or 2 or 8)).Take(random.Next(1, 6)).ToList();
                using var skipping = SkippedHalves.Of(model, chosen);
                using var shorter = DepthSurgery.Remove(model, chosen);
                Assert.IsLessThanOrEqualTo(1e-9, (skipping.forward(images) - shorter.forward(images)).abs().max().ToDouble(), string.Join(", ", chosen));
            }
        }
    }

    [TestMethod]
    public void Remove_FromVit_FusesWhatRemainsIntoWholeBlocks()
    {
        using var scope = NewDisposeScope();
        using var model = DepthModels.Create("vit");
        using var shorter = DepthSurgery.Remove(model, [new(1, BlockHalf.Mlp), new(2, BlockHalf.Attention)]);
        CollectionAssert.AreEqual(new BlockConfiguration[] { new(2, 6, 20), new(3, 4, 24), new(1, 6, 12) }, shorter.Configuration.Blocks.ToArray());
        var (old, now) = (model.state_dict(), shorter.state_dict());
        foreach (var (key, source) in new[] { ("blocks.1.norm1.weight", "blocks.1.norm1.weight"), ("blocks.1.norm2.bias", "blocks.2.norm2.bias"), ("blocks.1.mlp.fc1.weight", "blocks.2.mlp.fc1.weight"), ("blocks.2.attn.qkv.weight", "blocks.3.attn.qkv.weight") })
            Assert.IsTrue(now[key].allclose(old[source], 0, 0), key);
    }

    [TestMethod]
    public void Remove_FromSwin_KeepsAnEmptyPlaceOnlyWhereTheShiftWouldChange()
    {
        using var model = DepthModels.Create("swin");
        using var shifted = DepthSurgery.Remove(model, [new(3, BlockHalf.Attention), new(3, BlockHalf.Mlp)]);
        CollectionAssert.AreEqual(new BlockConfiguration[] { new(3, 4, 24), new(0, 0, 0), new(3, 4, 16), new(1, 6, 24) }, shifted.Configuration.Stages[1].Blocks.ToArray());
        using var unshifted = DepthSurgery.Remove(model, [new(7, BlockHalf.Attention), new(7, BlockHalf.Mlp)]);
        CollectionAssert.AreEqual(new BlockConfiguration[] { new(4, 4, 32), new(2, 4, 24) }, unshifted.Configuration.Stages[2].Blocks.ToArray());
        Assert.AreEqual(model.Configuration.Stages[1], unshifted.Configuration.Stages[1]);
    }

    [TestMethod]
    [DataRow("vit")]
    [DataRow("swin")]
    public void AShorterModel_IsSavedAndLoadedAsAnyOther(string kind)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var model = DepthModels.Create(kind);
        model.to(float32);
        using var shorter = DepthSurgery.Remove(model, kind == "vit" ? [new(0, BlockHalf.Mlp), new(1, BlockHalf.Attention)] : [new(3, BlockHalf.Mlp), new(4, BlockHalf.Attention)]);
        shorter.Kernels = KernelSelection.Standard;
        var path = Path.Combine(folder.Path, "shorter.safetensors");
        ModelFile.Save(shorter, path);
        using var loaded = ModelFile.Load(path);
        loaded.Kernels = KernelSelection.Standard;
        var images = DepthModels.Images(model, 2).to(float32);
        Assert.AreEqual(shorter.Configuration, loaded.Configuration);
        Assert.AreEqual(0, (shorter.forward(images) - loaded.forward(images)).abs().max().ToDouble());
    }

    [TestMethod]
    public void Remove_WhatTheModelCannotGive_NamesAllFaults()
    {
        using var model = DepthModels.Create("swin");
        var error = Assert.ThrowsExactly<ArgumentException>(() => DepthSurgery.Remove(model,
            [new(0, BlockHalf.Attention), new(1, BlockHalf.Attention), new(9, BlockHalf.Mlp), new(2, BlockHalf.Mlp), new(2, BlockHalf.Mlp)]));
        StringAssert.Contains(error.Message, "Stage 0 would be left without attention");
        StringAssert.Contains(error.Message, "The model has not the MLP of block 9");
        StringAssert.Contains(error.Message, "The list has the MLP of block 2 twice");
    }
}
