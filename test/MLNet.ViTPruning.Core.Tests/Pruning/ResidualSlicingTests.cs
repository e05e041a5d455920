using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Surgery;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning;

[TestClass]
public sealed class ResidualSlicingTests
{
    [TestMethod]
    [DataRow("vit")]
    [DataRow("distilled")]
    [DataRow("mean, layer scale")]
    [DataRow("swin")]
    [DataRow("pvt")]
    public void Slice_EqualsTheModelWhoseNormsSkipTheChannels_InFloat64_Within1e9(string kind)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyModels.Of(kind);
        model.to(float64);
        model.WeightsChanged();
        var random = new Random(2);
        var plan = Whole(model.Configuration) with { Embed = [.. model.Configuration.Stages.Select(stage => Choose(stage.EmbedDim, stage.EmbedDim * 5 / 8, random))] };
        var gains = new ChannelGains { Residual = [.. model.Configuration.Stages.Zip(plan.Embed, (stage, kept) => Mask(stage.EmbedDim, kept))] };
        var images = TinyModels.Images(model, 3).to(float64);

        using var sliced = ModelSlicer.Slice(model, plan);
        Assert.IsTrue(sliced.Configuration.Stages.Zip(plan.Embed).All(pair => pair.First.EmbedDim == pair.Second.Count));
        Assert.IsLessThanOrEqualTo(1e-9, Difference(model.Forward(images, gains), sliced.forward(images)));
        Assert.IsGreaterThan(1e-3, Difference(model.forward(images), sliced.forward(images)), "the mask must matter");

        // The mask sees a list that is off by one channel.
        var shifted = plan with { Embed = [.. plan.Embed.Select((kept, s) => s > 0 ? kept : Moved(kept, model.Configuration.Stages[0].EmbedDim))] };
        using var wrong = ModelSlicer.Slice(model, shifted);
        Assert.IsGreaterThan(1e-3, Difference(model.Forward(images, gains), wrong.forward(images)));
    }

    [TestMethod]
    public void Gains_OfOnes_ChangeNothing()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyModels.Swin();
        model.to(float64);
        model.WeightsChanged();
        var images = TinyModels.Images(model, 3).to(float64);
        var gains = new ChannelGains { Residual = [.. model.Configuration.Stages.Select(stage => ones(1, stage.EmbedDim))] };
        Assert.IsLessThanOrEqualTo(1e-12, Difference(model.Forward(images, gains), model.forward(images)));
    }

    [TestMethod]
    public void Slice_WithBrokenResidualLists_NamesThem()
    {
        using var model = TinyModels.Swin();
        var whole = Whole(model.Configuration);
        var plan = whole with { Embed = [[0, 8], []] };
        var error = Assert.ThrowsExactly<ArgumentException>(() => ModelSlicer.Slice(model, plan));
        StringAssert.Contains(error.Message, "stage 0: embed");
        StringAssert.Contains(error.Message, "stage 1: embed");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ModelSlicer.Slice(model, whole with { Embed = [[0]] })).Message, "embed has 1 lists");
    }

    [TestMethod]
    public void Plan_SurvivesJson_AndIsRefusedForOtherWeights()
    {
        using var model = TinyModels.Vit();
        using var other = TinyModels.Vit(seed: 2);
        var plan = Whole(model.Configuration) with { Embed = [[1, 3, 4]], WeightsHash = WeightsHash.Of(model) };
        var read = PruningPlan.FromJson(plan.ToJson());
        Assert.AreEqual(plan.ToJson(), read.ToJson());
        using var sliced = ModelSlicer.Slice(model, read);
        Assert.AreEqual(3, sliced.Configuration.NumFeatures);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ModelSlicer.Slice(other, read)).Message, "other weights");
    }

    private static double Difference(Tensor a, Tensor b) => (a - b).abs().max().ToDouble();

    private static PruningPlan Whole(ModelConfiguration configuration) =>
        new("unified", "none", [.. configuration.Blocks.Select(b => new BlockPlan(b.Heads, All(b.AttentionDim), All(b.MlpHiddenDim)))]);

    private static int[] All(int count) => [.. Enumerable.Range(0, count)];

    private static IReadOnlyList<int> Choose(int count, int kept, Random random)
    {
        var all = All(count);
        random.Shuffle(all);
        return [.. all.Take(kept).Order()];
    }

    // One kept channel is exchanged for its neighbour.
    private static IReadOnlyList<int> Moved(IReadOnlyList<int> kept, int width)
    {
        int from = kept.First(c => c + 1 < width && !kept.Contains(c + 1));
        return [.. kept.Select(c => c == from ? c + 1 : c)];
    }

    private static Tensor Mask(int count, IReadOnlyList<int> kept)
    {
        var mask = new double[count];
        foreach (int channel in kept) mask[channel] = 1;
        return tensor(mask).unsqueeze(0);    // [1, channels]
    }
}
