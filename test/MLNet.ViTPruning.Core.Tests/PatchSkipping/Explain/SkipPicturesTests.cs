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
    public void MeanSimilarity_InPixels_HasTheDotsOfTheSvg()
    {
        using var model = Model();
        var explanation = SkipExplanation.Of(model, Images(1).Read(0));
        var picture = SkipCharts.MeanSimilarityPicture([explanation]);
        var svg = XDocument.Parse(SkipCharts.MeanSimilarity([explanation])).Root!;
        Assert.AreEqual((2 * (int)svg.Attribute("width")!, 2 * (int)svg.Attribute("height")!), (picture.Width, picture.Height));
        var dots = svg.Descendants().Where(e => e.Name.LocalName == "circle").ToList();
        Assert.HasCount(4, dots);
        foreach (var dot in dots)
        {
            int at = 3 * ((int)(2 * (double)dot.Attribute("cy")!) * picture.Width + (int)(2 * (double)dot.Attribute("cx")!));
            CollectionAssert.AreEqual(new byte[] { 0x09, 0x69, 0xDA }, picture.Pixels.Slice(at, 3).ToArray());
        }
        Assert.ThrowsExactly<ArgumentException>(() => SkipCharts.MeanSimilarityPicture([]));
    }

    [TestMethod]
    public void Charts_HoldTheSamePictures_WithACaptionEach()
    {
        using var model = Model();
        var explanation = SkipExplanation.Of(model, Images(1).Read(0));
        foreach (var (text, pictures) in ((string, IReadOnlyList<RgbImage>)[])[
            (SkipCharts.AllLayers(explanation, 2), [explanation.Image, SkipPictures.Layer(explanation, 1), SkipPictures.Layer(explanation, 2)]),
            (SkipCharts.Depth(explanation), [SkipPictures.Depth(explanation)])])
        {
            var svg = XDocument.Parse(text);
            XNamespace ns = svg.Root!.Name.Namespace;
            var images = svg.Descendants(ns + "image").ToList();
            CollectionAssert.AreEqual(pictures.Select(picture => $"data:image/png;base64,{Convert.ToBase64String(PngFile.Encode(picture))}").ToArray(), images.Select(image => (string)image.Attribute("href")!).ToArray());
            double right = images.Max(image => (double)image.Attribute("x")! + (double)image.Attribute("width")!), bottom = svg.Descendants(ns + "text").Max(t => (double)t.Attribute("y")!);
            Assert.IsTrue(right <= (double)svg.Root.Attribute("width")! && bottom <= (double)svg.Root.Attribute("height")!);
        }
        int idle = explanation.KeepMap.Skip(16).Take(16).Count(kept => !kept);
        StringAssert.Contains(SkipCharts.AllLayers(explanation), $">layer 1: {idle} of 16 idle<");
        Assert.HasCount(4, XDocument.Parse(SkipCharts.Similarity(explanation)).Descendants().Where(e => e.Name.LocalName == "image").ToList());
    }

    [TestMethod]
    public void Similarity_IsThatOfThePatchBeforeAndAfterTheLayer()
    {
        using var model = Model();
        var explanation = SkipExplanation.Of(model, Images(1).Read(0));
        var picture = SkipPictures.Similarity(explanation, 4);
        // One scale for all layers: the least similar patch of all is the darkest, the most similar one the lightest.
        int Light(int cell) => picture.Pixels[3 * ((cell % 16 / 4 * 8 + 4) * picture.Width + cell / 16 * (32 + 4) + cell % 4 * 8 + 4) + 1];
        var order = Enumerable.Range(0, 64).OrderBy(cell => explanation.ScaledCosine[cell]).ToList();
        Assert.AreEqual(8, Light(order[0]));
        Assert.AreEqual(232, Light(order[^1]));
        Assert.IsTrue(order.Zip(order.Skip(1)).All(pair => Light(pair.First) <= Light(pair.Second)));
        var depth = SkipPictures.Depth(explanation);
        int Deep(int patch) => depth.Pixels[3 * ((patch / 4 * 8 + 4) * depth.Width + patch % 4 * 8 + 4) + 1];
        foreach (var (a, b) in Enumerable.Range(0, 16).Zip(Enumerable.Range(1, 15))) Assert.AreEqual(explanation.Depth[a].CompareTo(explanation.Depth[b]), Math.Sign(Deep(a) - Deep(b)));
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
