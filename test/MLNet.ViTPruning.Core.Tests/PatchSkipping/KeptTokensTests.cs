using MLNet.ViTPruning.Models.Layers;
using MLNet.ViTPruning.PatchSkipping;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping;

[TestClass]
public sealed class KeptTokensTests
{
    private const int Images = 5;

    /// <summary>Patches of each image: none, one, some, all.</summary>
    private static Tensor Mask()
    {
        int[] counts = [0, 1, 5, 16, 9];
        var mask = zeros([Images, SkipModels.Patches], dtype: ScalarType.Bool);
        for (int i = 0; i < Images; i++)
            for (int p = 0; p < counts[i]; p++) mask[i, (7 * p + i) % SkipModels.Patches] = tensor(true);
        return mask;
    }

    [TestMethod]
    [DataRow("vit", true)]
    [DataRow("vit", false)]
    [DataRow("distilled", true)]
    [DataRow("distilled", false)]
    public void ImagesTogether_PaddedAsOnAnAccelerator_AgreeWithImagesOneByOne(string kind, bool context)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create(kind, SkipModels.Skipping(kind, PatchSkipMethod.Learned, context));
        var images = SkipModels.Images(Images);
        var pass = model.Backbone.Begin(images, null);
        var x = model.Backbone.Enter(images, pass);
        int prefix = model.Macs.Prefix;
        var few = arange(Images * 3, dtype: ScalarType.Int64).view(Images, 3);
        (KeptTokens Each, KeptTokens Together)[] pairs =
        [
            (KeptTokens.OfMask(Mask(), prefix, together: false), KeptTokens.OfMask(Mask(), prefix, together: true)),
            (KeptTokens.OfIndices(few, SkipModels.Patches, prefix, together: false), KeptTokens.OfIndices(few, SkipModels.Patches, prefix, together: true)),
        ];
        var usual = KeptTokens.OfMask(Mask(), prefix);
        Assert.AreEqual((1, Images), (usual.Groups(1000).Count, usual.Groups(10_000_000).Count));
        foreach (var (each, together) in pairs)
        {
            Assert.HasCount(Images, each.Groups(0));
            Assert.HasCount(1, together.Groups(long.MaxValue));
            foreach (var block in model.Backbone.BlockLayers)
                SkipModels.AreClose(block.ApplyToKept(x.clone(), each, context, null, null, pass), block.ApplyToKept(x.clone(), together, context, null, null, pass), 1e-12);
        }
    }
}
