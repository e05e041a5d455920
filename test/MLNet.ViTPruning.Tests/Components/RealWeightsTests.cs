using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Tests.Components;

/// <summary>The main job on the published ViT-Tiny and a few photographs.</summary>
[TestClass]
public sealed class RealWeightsTests
{
    [TestMethod]
    public void ScoreThenPrune_SavesOneSmallerSetOfWeights_ThatScoresAlikeAfterLoading()
    {
        var weights = SharedData.At("weights/vit_tiny_patch16_224.safetensors");
        var ml = new MLContext(seed: 1);
        var photos = ml.Data.LoadImageNet(SharedData.At("imagenet-compatible"), ImageNetSplit.ValEven, limit: 12);
        using var chain = ml.Transforms.ScoreViT(weights)
            .Append(ml.Transforms.PruneViT(new UnifiedPruningOptions { AttentionKeepRatio = 0.75, MlpKeepRatio = 0.75, Importance = ImportanceKind.Fisher, ProxyImages = 6, BatchSize = 6 }))
            .Fit(photos);
        var file = Path.GetTempFileName();
        try
        {
            ml.Model.Save(chain.CompactViT(), photos.Schema, file);
            Assert.IsLessThan(0.85 * new FileInfo(weights).Length, new FileInfo(file).Length, "1 - (0.25 of attention and MLP) of 22.9 MB is 17.5 MB");

            var loaded = new MLContext().Model.Load(file, out var schema);
            Assert.IsTrue(schema.GetColumnOrNull("Image") is not null);
            var before = chain.Transform(photos).GetColumn<float[]>("Score").ToList();
            var after = loaded.Transform(photos).GetColumn<float[]>("Score").ToList();
            Assert.HasCount(12, after);
            for (int i = 0; i < before.Count; i++) TinyData.AreClose(before[i], after[i]);
            ((IDisposable)loaded).Dispose();
        }
        finally
        {
            File.Delete(file);
        }
    }
}
