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
        foreach (var (each, together) in pairs)
        {
            Assert.HasCount(Images, each.Groups(_ => 0));
            Assert.HasCount(1, together.Groups(_ => 1L << 40));
            foreach (var block in model.Backbone.BlockLayers)
                SkipModels.AreClose(block.ApplyToKept(x.clone(), each, context, null, null, pass), block.ApplyToKept(x.clone(), together, context, null, null, pass), 1e-12);
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(3)]
    [DataRow(8)]
    [DataRow(15)]
    [DataRow(100)]
    public void Cheapest_IsTheBestOfAllDivisions_AndGivesEveryRowBack(int callWork)
    {
        using var scope = NewDisposeScope();
        var kept = KeptTokens.OfMask(Mask(), prefix: 1); // 1, 2, 6, 17 and 10 tokens
        var groups = KeptGroups.Cheapest(kept, tokens => tokens, callWork);
        int best = Enumerable.Range(0, 1 << (Images - 1)).Min(cuts => Cost(Sizes(cuts)));
        Assert.AreEqual(best, Cost([.. groups.Select(group => group.Images)]));
        if (callWork is 0 or 100) Assert.HasCount(callWork == 0 ? Images : 1, groups);

        var packed = arange(kept.Rows.shape[0], dtype: ScalarType.Float32).unsqueeze(1);
        var all = arange(Images, dtype: ScalarType.Float32).unsqueeze(1);
        var back = cat([.. groups.Select(group => group.Pack(group.Pad(packed)))], 0);
        CollectionAssert.AreEqual(packed.narrow(0, 0, kept.Count).data<float>().ToArray(), back.data<float>().ToArray());
        CollectionAssert.AreEqual(all.data<float>().ToArray(), cat([.. groups.Select(group => group.Of(all))], 0).data<float>().ToArray());

        int Cost(int[] sizes)
        {
            int cost = 0, first = 0;
            foreach (int size in sizes)
            {
                int most = kept.Counts[first..(first + size)].Max();
                cost += callWork + size * (size == 1 ? most : Math.Min(17, (most + 7) / 8 * 8));
                first += size;
            }
            return cost;
        }
    }

    /// <summary>Sizes of the groups where each bit says whether a cut follows the image.</summary>
    private static int[] Sizes(int cuts)
    {
        var sizes = new List<int> { 1 };
        for (int i = 0; i < Images - 1; i++)
        {
            if ((cuts >> i & 1) == 1) sizes.Add(1);
            else sizes[^1]++;
        }
        return [.. sizes];
    }
}
