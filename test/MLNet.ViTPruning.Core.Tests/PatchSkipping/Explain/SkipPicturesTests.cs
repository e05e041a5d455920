using System.Xml.Linq;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.PatchSkipping.Explain;
using static MLNet.ViTPruning.Tests.PatchSkipping.SkipTrainingFixture;

namespace MLNet.ViTPruning.Tests.PatchSkipping.Explain;

[TestClass]
public sealed class SkipPicturesTests
{
    [TestMethod]
    public void Layer_DarkensTheSkippedPatchesAndNoOthers()
    {
        using var model = Model();
        var image = Images(1).Read(0);
        var explanation = SkipExplanation.Of(model, image);
        CollectionAssert.AreEqual(image.Pixels.ToArray(), explanation.Image.Pixels.ToArray(), "of the model's size, so neither resized nor cut");
        Assert.IsTrue(explanation.KeepMap.Contains(false));
        for (int layer = 0; layer < 4; layer++)
        {
            var drawn = SkipPictures.Layer(explanation, layer);
            for (int p = 0; p < 16 * 16; p++)
            {
                bool kept = explanation.KeepMap[layer * 16 + p / 64 * 4 + p % 16 / 4];
                byte seen = image.Pixels[3 * p], shown = drawn.Pixels[3 * p];
                if (kept) Assert.AreEqual(seen, shown);
                else Assert.IsLessThanOrEqualTo(seen / 8 + 1, (int)shown);
            }
        }
    }

    [TestMethod]
    public void Explanation_TellsDepthAndSimilarity()
    {
        using var model = Model();
        var explanation = SkipExplanation.Of(model, Images(1).Read(0));
        Assert.AreEqual(4 * 16 - explanation.Skips.Skips, explanation.Depth.Sum());
        Assert.IsTrue(explanation.Depth.All(depth => depth is >= 2 and <= 4));
        Assert.HasCount(4 * 16, explanation.ScaledCosine);
        Assert.IsTrue(explanation.ScaledCosine.All(value => value is >= 0 and <= 1));
        Assert.HasCount(4, explanation.MeanScaledCosine);
        Assert.AreEqual(explanation.ScaledCosine.Average(value => (double)value), explanation.MeanScaledCosine.Average(), 1e-9);
        Assert.AreEqual((32, 32), (SkipPictures.Depth(explanation).Width, SkipPictures.Depth(explanation).Height));
        Assert.AreEqual(2 * 32 + 4, SkipPictures.Similarity(explanation, 2).Width);
        Assert.AreEqual(3 * 16 + 2 * 4, SkipPictures.AllLayers(explanation).Width, "the image and the two layers that skip");
        XDocument.Parse(SkipCharts.MeanSimilarity([explanation, explanation]));
    }

    [TestMethod]
    public void Explanation_OfMergedTokens_IsRefused()
    {
        using var model = Model(method: PatchSkipMethod.Merging);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => SkipExplanation.Of(model, Images(1).Read(0))).Message, "merges tokens");
        Assert.ThrowsExactly<ArgumentException>(() => SkipCharts.MeanSimilarity([]));
    }

    [TestMethod]
    public void Of_LeavesNoTensorAlive()
    {
        using var model = Model();
        var image = Images(1).Read(0);
        SkipExplanation.Of(model, image);
        long before = LiveTensors.AfterCollection();
        SkipExplanation.Of(model, image);
        Assert.AreEqual(before, LiveTensors.AfterCollection());
    }
}
