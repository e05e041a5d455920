using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping;

[TestClass]
public sealed class PatchSkipModelTests
{
    public required TestContext TestContext { get; set; }

    [TestMethod]
    [DataRow("vit", true, ScorerInput.Token, PatchSkipMethod.Learned)]
    [DataRow("vit", false, ScorerInput.Token, PatchSkipMethod.Learned)]
    [DataRow("vit", true, ScorerInput.TokenAndClass, PatchSkipMethod.Learned)]
    [DataRow("vit", false, ScorerInput.TokenAndNeighbours, PatchSkipMethod.LearnedTopK)]
    [DataRow("distilled", true, ScorerInput.TokenAndNeighbours, PatchSkipMethod.Learned)]
    [DataRow("distilled", false, ScorerInput.TokenAndClass, PatchSkipMethod.LearnedTopK)]
    [DataRow("mean", true, ScorerInput.TokenAndClass, PatchSkipMethod.LearnedTopK)]
    [DataRow("mean", false, ScorerInput.Token, PatchSkipMethod.Learned)]
    [DataRow("halves", true, ScorerInput.Token, PatchSkipMethod.Learned)]
    [DataRow("halves", false, ScorerInput.Token, PatchSkipMethod.Learned)]
    public void Forward_EqualsTheMaskedReference(string kind, bool context, ScorerInput input, PatchSkipMethod method)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create(kind, SkipModels.Skipping(kind, method, context, input));
        var images = SkipModels.Images(21);
        var (expected, masks) = MaskedReference.Run(model, images);
        using var result = model.Run(images, SkipDetails.KeepMap | SkipDetails.Scores);
        SkipModels.AreClose(expected, result.Logits, 1e-9);
        int last = model.Backbone.Configuration.Blocks.Count();
        var counts = new HashSet<int>();
        for (int i = 0; i < result.Images.Count; i++)
        {
            var image = result.Images[i];
            var map = image.KeepMap!.Chunk(SkipModels.Patches).ToArray();
            Assert.HasCount(last, map);
            for (int l = 0; l < masks.Count; l++)
            {
                int layer = model.Configuration.Layers[l].Layer;
                bool[] mask = [.. SkipModels.Values(masks[l][i]).Select(v => v > 0)];
                CollectionAssert.AreEqual(mask, map[layer]);
                Assert.AreEqual(mask.Count(v => v) + model.Macs.Prefix, image.Tokens[l]);
                counts.Add(image.Tokens[l]);
            }
            Assert.AreEqual(map.Sum(layer => layer.Count(kept => !kept)), image.Skips);
            Assert.HasCount(masks.Count * SkipModels.Patches, image.Scores!);
        }
        if (method == PatchSkipMethod.Learned) Assert.IsGreaterThan(2, counts.Count, "images keep different numbers of patches");
    }

    [TestMethod]
    [DataRow("vit", PatchSkipMethod.Learned, true)]
    [DataRow("distilled", PatchSkipMethod.Learned, false)]
    [DataRow("vit", PatchSkipMethod.LearnedTopK, true)]
    [DataRow("vit", PatchSkipMethod.LearnedTopK, false)]
    [DataRow("vit", PatchSkipMethod.Random, true)]
    [DataRow("mean", PatchSkipMethod.Random, false)]
    [DataRow("vit", PatchSkipMethod.ClassAttention, true)]
    [DataRow("distilled", PatchSkipMethod.ClassAttention, false)]
    [DataRow("vit", PatchSkipMethod.Merging, true)]
    [DataRow("distilled", PatchSkipMethod.Merging, true)]
    [DataRow("halves", PatchSkipMethod.Merging, true)]
    public void Forward_ImageByImage_EqualsTheBatch(string kind, PatchSkipMethod method, bool context)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create(kind, SkipModels.Skipping(kind, method, context));
        var images = SkipModels.Images(32);
        using var together = model.Run(images, SkipDetails.KeepMap);
        for (int i = 0; i < 32; i++)
        {
            using var alone = model.Run(images.narrow(0, i, 1), SkipDetails.KeepMap);
            SkipModels.AreClose(alone.Logits, together.Logits.narrow(0, i, 1), 1e-9, $"image {i}");
            CollectionAssert.AreEqual(alone.Images[0].KeepMap?.ToArray(), together.Images[i].KeepMap?.ToArray());
            Assert.AreEqual(alone.Images[0].ExecutedMacs, together.Images[i].ExecutedMacs);
        }
        SkipModels.AreClose(together.Logits, model.forward(images), 0);
    }

    [TestMethod]
    public void ReEntries_CountLayersInBetween_WhichComputeEveryPatch()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create("mean", SkipModels.Skipping("mean"));
        using (var all = model.Run(SkipModels.Images(4), SkipDetails.KeepMap))
            foreach (var image in all.Images)
            {
                bool[][] kept = [.. image.KeepMap!.Chunk(SkipModels.Patches)];
                Assert.AreEqual(Enumerable.Range(1, 2).Sum(layer => kept[layer].Zip(kept[layer + 1]).Count(patch => !patch.First && patch.Second)), image.ReEntries);
            }
        model.Configuration = model.Configuration with { Layers = [.. model.Configuration.Layers.Where(layer => layer.Layer != 2)] };
        using var gap = model.Run(SkipModels.Images(4), SkipDetails.KeepMap);
        foreach (var image in gap.Images) Assert.AreEqual(image.KeepMap!.Skip(SkipModels.Patches).Take(SkipModels.Patches).Count(kept => !kept), image.ReEntries);
        Assert.IsTrue(gap.Images.Any(image => image.ReEntries > 0));
    }

    /// <summary>In fp32 rounding alone may carry a score over its threshold: of such images nothing is promised, and they are few.</summary>
    [TestMethod]
    [DataRow("vit", true)]
    [DataRow("vit", false)]
    [DataRow("distilled", true)]
    public void Forward_InFp32_ImageByImage_EqualsTheBatch_WhereNoScoreIsNearItsThreshold(string kind, bool context)
    {
        const int count = 256;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create(kind, SkipModels.Skipping(kind, context: context), ScalarType.Float32);
        var images = SkipModels.Images(count, ScalarType.Float32);
        int near = 0;
        foreach (var batch in images.split(32, 0))
        {
            using var together = model.Run(batch, SkipDetails.Scores);
            for (int i = 0; i < batch.shape[0]; i++)
            {
                using var alone = model.Run(batch.narrow(0, i, 1), SkipDetails.Scores);
                if (alone.Images[0].Scores!.Concat(together.Images[i].Scores!).Any(score => Math.Abs(score) <= 1e-4)) near++;    // the threshold's raw score is 0
                else SkipModels.AreClose(alone.Logits[0], together.Logits[i], 1e-4);
            }
        }
        TestContext.WriteLine($"{near} of {count} images have a score near its threshold");
        Assert.IsLessThan(0.15 * count, near);
    }

    [TestMethod]
    [DataRow(ScalarType.Float64, 1e-9, true)]
    [DataRow(ScalarType.Float32, 1e-4, true)]
    [DataRow(ScalarType.Float64, 1e-9, false)]
    public void Forward_ForcedToKeepAll_EqualsTheDenseModel(ScalarType type, double tolerance, bool context)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (string kind in (string[])["vit", "distilled", "mean", "halves"])
        {
            using var model = SkipModels.Create(kind, SkipModels.Skipping(kind, context: context, threshold: 0), type);
            var images = SkipModels.Images(5, type);
            using var result = model.Run(images);
            SkipModels.AreClose(model.Backbone.forward(images), result.Logits, tolerance, kind);
            Assert.IsTrue(result.Images.All(image => image.Skips == 0 && image.KeepMap is null && image.ReEntries is null && image.Scores is null));
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Forward_WithNothingKept_ComputesThePrefixTokensAlone(bool context)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (string kind in (string[])["vit", "distilled", "mean", "halves"])
        {
            using var model = SkipModels.Create(kind, SkipModels.Skipping(kind, context: context, threshold: 1));
            foreach (int batch in (int[])[1, 12])
            {
                var images = SkipModels.Images(batch);
                using var result = model.Run(images);
                SkipModels.AreClose(MaskedReference.Run(model, images).Logits, result.Logits, 1e-9, kind);
                Assert.IsTrue(result.Images.All(image => image.Tokens.All(tokens => tokens == model.Macs.Prefix)));
            }
        }
    }

    [TestMethod]
    [DataRow(15)]   // nearly all: the layer is computed as a whole, and idle tokens get their values back
    [DataRow(1)]
    [DataRow(0)]
    public void Forward_WithAFixedNumber_EqualsTheReference(int kept)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit", PatchSkipMethod.LearnedTopK, kept: Math.Max(1, kept)));
        var images = SkipModels.Images(9);
        if (kept > 0)
        {
            SkipModels.AreClose(MaskedReference.Run(model, images).Logits, model.forward(images), 1e-9);
            return;
        }
        using var none = SkipModels.Create("vit", SkipModels.Skipping("vit", threshold: 1));
        model.Configuration = SkipModels.Skipping("vit", PatchSkipMethod.LearnedTopK, kept: 0);
        SkipModels.AreClose(none.forward(images), model.forward(images), 1e-9);
    }

    [TestMethod]
    public void Forward_WithGradients_HasThoseOfTheReference()
    {
        using var scope = NewDisposeScope();
        foreach (var (kind, context) in ((string, bool)[])[("vit", true), ("distilled", false), ("mean", true)])
        {
            using var model = SkipModels.Create(kind, SkipModels.Skipping(kind, context: context));
            var images = SkipModels.Images(11);
            Dictionary<string, Tensor> Gradients(Func<Tensor> logits)
            {
                model.zero_grad();
                logits().square().sum().backward();
                return model.Backbone.named_parameters().ToDictionary(p => p.Item1, p => p.Item2.grad?.clone() ?? zeros_like(p.Item2));
            }
            var expected = Gradients(() => MaskedReference.Run(model, images).Logits);
            foreach (var (name, gradient) in Gradients(() => model.forward(images)))
                SkipModels.AreClose(expected[name], gradient, 1e-8 * Math.Max(1, expected[name].abs().max().item<double>()), $"{kind} {name}");
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Forward_InBFloat16_IsCloseToFloat32(bool context)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit", PatchSkipMethod.Random, context), ScalarType.Float32);
        var images = SkipModels.Images(9, ScalarType.Float32);
        var full = model.forward(images);
        model.Backbone.Precision = ComputePrecision.BFloat16;
        model.Backbone.Kernels = KernelSelection.Standard; // bfloat16 even where this CPU is slow at it
        var low = model.forward(images);
        Assert.AreEqual(ScalarType.Float32, low.dtype);
        SkipModels.AreClose(full, low, 0.05 * full.abs().max().item<float>());
        Assert.IsGreaterThan(0, (full - low).abs().max().item<float>());
    }

    [TestMethod]
    public void Forward_InFloat32WithMeasuredKernels_EqualsFloat64()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit", PatchSkipMethod.LearnedTopK));
        var images = SkipModels.Images(40);
        var expected = model.forward(images);
        model.to(ScalarType.Float32);
        SkipModels.AreClose(expected, model.forward(images.to(ScalarType.Float32)).to(ScalarType.Float64), 1e-3);
    }

    [TestMethod]
    public void Run_OfABatchThatIsCutIntoParts_TellsWhatThePartsTell()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit"), ScalarType.Float32);
        int part = (int)model.Backbone.ImagesOfParts[0], count = part + 3;
        var images = SkipModels.Images(3, ScalarType.Float32).repeat((count + 2) / 3, 1, 1, 1).narrow(0, 0, count);
        using var whole = model.Run(images, SkipDetails.KeepMap | SkipDetails.Scores);
        using var few = model.Run(images.narrow(0, 0, 3), SkipDetails.KeepMap | SkipDetails.Scores);
        Assert.HasCount(count, whole.Images);
        for (int i = part - 3; i < count; i++)
        {
            CollectionAssert.AreEqual(few.Images[i % 3].KeepMap!.ToArray(), whole.Images[i].KeepMap!.ToArray());
            Assert.AreEqual(few.Images[i % 3].ExecutedMacs, whole.Images[i].ExecutedMacs);
            SkipModels.AreClose(few.Logits[i % 3], whole.Logits[i], 1e-3);
        }
    }
}
