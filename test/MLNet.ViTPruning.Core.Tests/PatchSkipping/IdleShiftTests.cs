using MLNet.ViTPruning.Models.Layers;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Calibration;
using MLNet.ViTPruning.PatchSkipping.Training;
using MLNet.ViTPruning.Tests.Checkpoints;
using MLNet.ViTPruning.Tests.Models;
using MLNet.ViTPruning.Tests.Training;
using MLNet.ViTPruning.Training;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping;

[TestClass]
public sealed class IdleShiftTests
{
    private static PatchSkipModel Shifting(string kind, PatchSkipMethod method, bool context, ScalarType type = ScalarType.Float64)
    {
        var model = SkipModels.Create(kind, SkipModels.Skipping(kind, method, context) with { ShiftsIdle = true }, type);
        foreach (var (layer, shift) in model.IdleShifts) shift.Set(linspace(-1, 1 + layer, 12));
        return model;
    }

    [TestMethod]
    [DataRow("vit", PatchSkipMethod.Learned, true)]
    [DataRow("distilled", PatchSkipMethod.Learned, false)]
    [DataRow("mean", PatchSkipMethod.Random, true)]
    [DataRow("vit", PatchSkipMethod.ClassAttention, false)]
    public void IdlePatchesGetTheShift_ComputedOnesWhatTheyGot(string kind, PatchSkipMethod method, bool context)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var images = SkipModels.Images(9);
        using var model = Shifting(kind, method, context);
        using var run = model.Run(images, SkipDetails.KeepMap);
        var pass = model.Backbone.Begin(images, null);
        int prefix = model.Macs.Prefix, patches = SkipModels.Patches;
        var x = model.Backbone.Enter(images, pass);
        for (int i = 0; i < model.Backbone.BlockLayers.Count; i++)
        {
            var block = model.Backbone.BlockLayers[i];
            if (model.Configuration.Layers.FirstOrDefault(l => l.Layer == i) is null)
            {
                x = block.Apply(x.clone(), pass);
                continue;
            }
            var mask = tensor(run.Images.SelectMany(image => image.KeepMap!.Skip(i * patches).Take(patches)).ToArray()).view(9, patches);
            var kept = KeptTokens.OfMask(mask, prefix);
            var unshifted = block.ApplyToKept(x.clone(), kept, context, null, null, pass);
            var shift = model.IdleShifts.Single(s => s.Layer == i).Shift.Value;
            x = unshifted.where(ScaledCosine.WithPrefix(mask, prefix).to(ScalarType.Bool), x + shift);
        }
        SkipModels.AreClose(model.Backbone.Finish(x, model.Backbone.BlockLayers.Count, pass), run.Logits, 1e-9);
    }

    [TestMethod]
    public void Batches_AgreeWithSingleImages_AndWithGradients()
    {
        using var scope = NewDisposeScope();
        var images = SkipModels.Images(9);
        using var model = Shifting("vit", PatchSkipMethod.Learned, context: true);
        var withGradients = model.forward(images);
        using var through = model.ForwardStraightThrough(images);
        SkipModels.AreClose(withGradients.detach(), through.Logits.detach(), 1e-9);
        using var noGrad = no_grad();
        SkipModels.AreClose(withGradients.detach(), model.forward(images), 1e-9);
        SkipModels.AreClose(withGradients.detach(), cat([.. Enumerable.Range(0, 9).Select(i => model.forward(images.narrow(0, i, 1)))], 0), 1e-9);
        // Nearly all kept: such a layer is computed as a whole, and its idle patches are shifted all the same.
        model.Configuration = model.Configuration with { Method = PatchSkipMethod.LearnedTopK, Layers = [.. model.Configuration.Layers.Select(l => l with { PatchesKept = 15 })] };
        SkipModels.AreClose(model.ForwardStraightThrough(images).Logits, model.forward(images), 1e-9);
    }

    [TestMethod]
    public void Fit_IsTheMeanOfWhatALayerAddsToPatches()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = Trained(PatchSkipMethod.Random);
        var images = SkipTrainingFixture.Images(20, 9);
        Assert.IsTrue(IdleShiftFit.Run(model, images, SkipTrainingFixture.Options));
        using var loader = new BatchLoader(images, SkipTrainingFixture.Sizes, SkipTrainingFixture.Options with { BatchSize = 20 }, 0, CPU);
        using var batch = loader.InOrder().Single();
        var pass = model.Backbone.Begin(batch.Images, null);
        var x = model.Backbone.Enter(batch.Images, pass);
        for (int i = 0; i < 3; i++)
        {
            var next = model.Backbone.BlockLayers[i].Apply(x.clone(), pass);
            if (i > 0) SkipModels.AreClose((next - x).narrow(1, 1, 16).mean([0, 1]), model.IdleShifts.Single(s => s.Layer == i).Shift.Value, 1e-5);
            x = next;
        }
    }

    [TestMethod]
    [DataRow(PatchSkipStages.ScorersThenBackbone)]
    [DataRow(PatchSkipStages.Joint)]
    public void Training_FitsShifts_ResumesToTheBit_AndTheFileKeepsThem(PatchSkipStages stages)
    {
        var job = SkipTrainingFixture.Job(stages, 0.2) with { FitsLabels = true };
        using var whole = Trained(PatchSkipMethod.Learned);
        PatchSkipTrainer.Run(whole, job);
        Assert.IsTrue(whole.IdleShifts.All(s => s.Shift.Value.abs().max().item<float>() > 0 && !s.Shift.Value.requires_grad && s.Shift.Value.grad is null));
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        int steps = 0;
        var log = new StepLog(_ => { if (++steps == 20) stop.Cancel(); });
        using (var stopped = Trained(PatchSkipMethod.Learned))
        {
            Assert.IsTrue(PatchSkipTrainer.Run(stopped, job with
            {
                RunFolder = folder.Path,
                ScorerOptions = job.ScorerOptions with { Progress = log, CancellationToken = stop.Token },
                BackboneOptions = job.BackboneOptions! with { Progress = log, CancellationToken = stop.Token },
            }).IsCancelled);
        }
        using var resumed = Trained(PatchSkipMethod.Learned);
        PatchSkipTrainer.Run(resumed, job with { RunFolder = folder.Path, Resume = true });
        CollectionAssert.AreEqual(SkipTrainingFixture.Weights(whole), SkipTrainingFixture.Weights(resumed));
        Assert.AreEqual(whole.Configuration, resumed.Configuration);
        string file = Path.Combine(folder.Path, "model.safetensors");
        PatchSkipFile.Save(resumed, file);
        using var loaded = PatchSkipFile.Load(file);
        CollectionAssert.AreEqual(SkipTrainingFixture.Weights(resumed), SkipTrainingFixture.Weights(loaded));
    }

    [TestMethod]
    public void WhatDoesNotFit_IsRefused()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Trained(PatchSkipMethod.Merging)).Message, "ShiftsIdle has no effect on Merging");
        using var model = SkipTrainingFixture.Model();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => model.Configuration = model.Configuration with { ShiftsIdle = true }).Message, "without shifts");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => model.Configuration = model.Configuration with { ImportanceThreshold = 2 }).Message, "ImportanceThreshold is 2");
        using var shifting = Trained(PatchSkipMethod.Learned);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => PatchSkipTrainer.Run(shifting, SkipTrainingFixture.Job() with { Calibration = null })).Message, "ShiftsIdle is set");
    }

    private static PatchSkipModel Trained(PatchSkipMethod method) =>
        PatchSkipModel.Create(SmallModels.Random(SkipTrainingFixture.Sizes), SkipTrainingFixture.Skipping(method) with { ShiftsIdle = true, Labels = SkipLabels.Importance }, 5);
}
