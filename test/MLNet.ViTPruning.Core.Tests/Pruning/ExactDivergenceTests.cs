using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning;

[TestClass]
public sealed class ExactDivergenceTests
{
    [TestMethod]
    [DataRow("vit")]
    [DataRow("distilled")]
    [DataRow("mean, layer scale")]
    [DataRow("swin")]
    [DataRow("pvt")]
    public void Score_EqualsTheRebuiltModel_InFloat64_Within1e6(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Of(kind);
        model.to(float64);
        model.WeightsChanged();
        var images = TinyModels.Images(model, 6).to(float64);
        var groups = RandomGroups(model.Configuration, 5);
        // Two batches, of which the second is smaller, and stacks of several channels.
        var scores = ExactDivergence.Score(model, [images.narrow(0, 0, 4).clone(), images.narrow(0, 4, 2).clone()], groups, batchSize: 12);
        for (int g = 0; g < groups.Count; g++)
        {
            for (int i = 0; i < groups[g].Channels.Count; i++)
            {
                double expected = NaiveRemoval.Divergence(model, images, groups[g].Component, groups[g].Index, groups[g].Channels[i]);
                Assert.AreEqual(expected, scores[g][i], 1e-6 * expected, $"{groups[g].Component} {groups[g].Index} channel {groups[g].Channels[i]}");
            }
        }
    }

    [TestMethod]
    [DataRow("vit")]
    [DataRow("swin")]
    public void Score_DoesNotDependOnHowImagesAndChannelsAreStacked(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Of(kind);
        var images = TinyModels.Images(model, 6);
        var groups = RandomGroups(model.Configuration, 7);
        var one = ExactDivergence.Score(model, [images.clone()], groups, batchSize: 1);
        var many = ExactDivergence.Score(model, [.. images.split(1).Select(image => image.clone())], groups, batchSize: 64);
        foreach (var (a, b) in one.Zip(many))
            foreach (var (x, y) in a.Zip(b)) Assert.AreEqual(x, y, 1e-3 * x);
    }

    [TestMethod]
    public void Score_InFloat32_IsWithinAThousandthOfFloat64()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Of("vit");
        using var wide = model.Copy();
        wide.to(float64);
        wide.WeightsChanged();
        var images = TinyModels.Images(model, 8);
        var groups = RandomGroups(model.Configuration, 16);
        var actual = ExactDivergence.Score(model, [images.clone()], groups);
        var expected = ExactDivergence.Score(wide, [images.to(float64)], groups);
        foreach (var (a, b) in actual.Zip(expected))
        {
            double median = b.Order().ElementAt(b.Length / 2);
            foreach (var (x, y) in a.Zip(b)) Assert.AreEqual(y, x, 1e-3 * Math.Max(y, median));
        }
    }

    [TestMethod]
    public void Score_NamesChannelsThatDoNotExist()
    {
        using var model = TinyModels.Vit();
        var error = Assert.ThrowsExactly<ArgumentException>(() => ExactDivergence.Score(model, [],
            [new ChannelGroup(PruningComponent.Mlp, 0, [24]), new ChannelGroup(PruningComponent.Embed, 1, [0])]));
        StringAssert.Contains(error.Message, "Mlp 0 has the channels 0 to 23; 24");
        StringAssert.Contains(error.Message, "no Embed channels at 1");
    }

    [TestMethod]
    public void Score_LeavesNoTensorsBehind_AndTheModelAsItWas()
    {
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 2);
        var groups = RandomGroups(model.Configuration, 3);
        ExactDivergence.Score(model, [images.clone()], groups);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        ExactDivergence.Score(model, [images.clone(), images.clone()], groups);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.IsTrue(model.parameters().All(p => p.requires_grad && p.grad is null));
    }

    [TestMethod]
    public void Score_WhenCancelled_Stops()
    {
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 2);
        var groups = RandomGroups(model.Configuration, 3);
        Assert.ThrowsExactly<OperationCanceledException>(() => ExactDivergence.Score(model, [images.clone()], groups, cancellationToken: new CancellationToken(canceled: true)));
    }

    private static List<ChannelGroup> RandomGroups(ModelConfiguration configuration, int count)
    {
        var random = new Random(4);
        return [.. ChannelGroups.All(configuration, Enum.GetValues<PruningComponent>())
            .Select(group => group with { Channels = [.. group.Channels.OrderBy(_ => random.Next()).Take(count).Order()] })];
    }
}
