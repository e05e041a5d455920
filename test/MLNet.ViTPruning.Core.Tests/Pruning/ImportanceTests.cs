using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning;

[TestClass]
public sealed class ImportanceTests
{
    private static readonly UnifiedPruningOptions Options = new() { EmbedKeepRatio = 0.75, BatchSize = 4, FisherDraws = 2, ExactImages = 6 };

    [TestMethod]
    [DataRow(ImportanceKind.Auto)]
    [DataRow(ImportanceKind.Exact)]
    [DataRow(ImportanceKind.Fisher)]
    [DataRow(ImportanceKind.Magnitude)]
    [DataRow(ImportanceKind.Taylor)]
    [DataRow(ImportanceKind.Random)]
    public void Score_GivesEveryChannelAScore_ThatLeadsToAModel_AndLeavesNothingBehind(ImportanceKind kind)
    {
        foreach (var name in new[] { "distilled", "swin", "pvt" })
        {
            using var model = TinyModels.Of(name);
            using var images = TinyModels.Images(model, 10);
            var proxies = new ProxyTensor(images, [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
            var importance = Importances.Of(kind);
            Assert.AreEqual(kind.ToString().ToLowerInvariant(), importance.Name);
            long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            var scores = importance.Score(model, proxies, new ScoringRequest(Options, 3));
            Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            foreach (var component in Enum.GetValues<PruningComponent>())
                foreach (var group in scores.Of(component)) Assert.IsTrue(group.All(score => score > 0) && group.Distinct().Count() > group.Length / 2);
            var again = importance.Score(model, proxies, new ScoringRequest(Options, 3));
            foreach (var (a, b) in scores.Mlp.Zip(again.Mlp)) CollectionAssert.AreEqual(a, b);
            using var pruned = ModelSlicer.Slice(model, UnifiedPlanner.Plan(model.Configuration, scores, Options));
            Assert.AreEqual(model.Configuration.NumFeatures * 3 / 4, pruned.Configuration.NumFeatures);
            Assert.AreEqual(kind is ImportanceKind.Magnitude or ImportanceKind.Random, scores.Stability.Count == 0);
            Assert.AreEqual(kind is not (ImportanceKind.Magnitude or ImportanceKind.Random), scores.OneScale);
        }
    }

    [TestMethod]
    public void Fisher_OfResidualChannels_ApproachesExactDivergencesInOrder()
    {
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 24);
        var request = new ScoringRequest(Options with { FisherDraws = 30 }, 3);
        var fisher = new FisherImportance().Score(model, new ProxyTensor(images), request);
        var gradients = ExpectedFisher(model, images);
        Assert.IsGreaterThan(0.97, RankCorrelation.Spearman(gradients, fisher.Embed[0]));
        for (int c = 0; c < gradients.Length; c++) Assert.AreEqual(gradients[c], fisher.Embed[0][c], 0.25 * gradients[c]);
    }

    [TestMethod]
    public void Taylor_IsTheSumOverImagesOfTheLossesSlopes_WithoutTheirSigns()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 6);
        int[] labels = [0, 1, 2, 3, 4, 0];
        var scores = new TaylorImportance().Score(model, new ProxyTensor(images, labels), new ScoringRequest(Options, 0));
        // An MLP channel's gain is that of its column of fc2.
        const double step = 1e-2;
        using var noGrad = no_grad();
        var column = model.state_dict()["blocks.1.mlp.fc2.weight"];
        foreach (int channel in (int[])[0, 7, 23])
        {
            var whole = column.select(1, channel).clone();
            Tensor Losses(double gain)
            {
                column.select(1, channel).copy_(whole * gain);
                return nn.functional.cross_entropy(model.forward(images).to(float64), tensor(labels.Select(label => (long)label).ToArray()), reduction: nn.Reduction.None);    // [6]
            }
            double expected = ((Losses(1 + step) - Losses(1 - step)) / (2 * step)).abs().sum().ToDouble();
            column.select(1, channel).copy_(whole);
            Assert.AreEqual(expected, scores.Mlp[1][channel], 0.02 * expected);
        }
    }

    [TestMethod]
    public void Exact_EqualsTheDivergences_AndStabilityIsTheRankCorrelationOfHalves()
    {
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 7);
        var scores = new ExactImportance().Score(model, new ProxyTensor(images), new ScoringRequest(Options, 0));
        double[] Direct(int offset) => [.. ExactDivergence.Score(model, [.. images.split(1).Where((_, i) => i % 2 == offset).Select(image => image.clone())],
            [new ChannelGroup(PruningComponent.Mlp, 1, [.. Enumerable.Range(0, 24)])])[0]];
        var (even, odd) = (Direct(0), Direct(1));
        for (int c = 0; c < 24; c++) Assert.AreEqual(even[c] + odd[c], scores.Mlp[1][c], 1e-3 * scores.Mlp[1][c]);
        Assert.AreEqual(RankCorrelation.Spearman(even, odd), scores.Stability.Single(s => s.Component == PruningComponent.Mlp && s.Index == 1).Spearman, 0.02);
        Assert.AreEqual(16 + 2 * 16 + 2 * 24, scores.ExactChannels);
    }

    [TestMethod]
    public void Auto_OrdersTheBandAroundEachCutAsExactScoresDo_AndSpendsNoMoreThanItMay()
    {
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 8);
        var proxies = new ProxyTensor(images);
        var options = Options with { ExactImages = 8, ExactImagePasses = 8 * 60, EmbedKeepRatio = 1 };
        var fisher = new FisherImportance().Score(model, proxies, new ScoringRequest(options, 1));
        var exact = new ExactImportance().Score(model, proxies, new ScoringRequest(options, 1));
        var auto = new AutoImportance().Score(model, proxies, new ScoringRequest(options, 1));
        Assert.IsTrue(auto.ExactChannels is > 50 and <= 60, $"{auto.ExactChannels}");
        // Block 0's MLP keeps 12 of 24: the seven on either side of the cut, by the estimate, stand in the order of their exact scores.
        var byFisher = Enumerable.Range(0, 24).OrderByDescending(c => fisher.Mlp[0][c]).ToArray();
        var byAuto = Enumerable.Range(0, 24).OrderByDescending(c => auto.Mlp[0][c]).ToArray();
        CollectionAssert.AreEqual(byFisher[..5], byAuto[..5]);
        CollectionAssert.AreEqual(byFisher[5..19].OrderByDescending(c => exact.Mlp[0][c]).ToArray(), byAuto[5..19]);
        CollectionAssert.AreEqual(byFisher[19..], byAuto[19..]);
        // Enough passes: exact everywhere.
        var all = new AutoImportance().Score(model, proxies, new ScoringRequest(options with { ExactImagePasses = 8 * 1000 }, 1));
        CollectionAssert.AreEqual(Enumerable.Range(0, 24).OrderByDescending(c => exact.Mlp[1][c]).ToArray(), Enumerable.Range(0, 24).OrderByDescending(c => all.Mlp[1][c]).ToArray());
        var none = new AutoImportance().Score(model, proxies, new ScoringRequest(options with { ExactImagePasses = 0 }, 1));
        CollectionAssert.AreEqual(fisher.Mlp[0], none.Mlp[0]);
    }

    [TestMethod]
    public void Magnitude_IsTheNormOfTheWeightsThatGoWithAChannel()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyModels.Vit();
        var scores = new MagnitudeImportance().Score(model, new ProxyTensor(zeros(1)), new ScoringRequest(Options, 0));
        var w = model.state_dict();
        Tensor Squares(string name, int dimension, int index) => w[name].to(float64).select(dimension, index).square().sum();
        double attention = (Squares("blocks.1.attn.qkv.weight", 0, 5) + Squares("blocks.1.attn.qkv.weight", 0, 21) + Squares("blocks.1.attn.qkv.weight", 0, 37) + Squares("blocks.1.attn.qkv.bias", 0, 5)
            + Squares("blocks.1.attn.qkv.bias", 0, 21) + Squares("blocks.1.attn.qkv.bias", 0, 37) + Squares("blocks.1.attn.proj.weight", 1, 5)).sqrt().ToDouble();
        Assert.AreEqual(attention, scores.Attention[1][5], 1e-9);
        double mlp = (Squares("blocks.0.mlp.fc1.weight", 0, 7) + Squares("blocks.0.mlp.fc1.bias", 0, 7) + Squares("blocks.0.mlp.fc2.weight", 1, 7)).sqrt().ToDouble();
        Assert.AreEqual(mlp, scores.Mlp[0][7], 1e-9);
    }

    [TestMethod]
    public void Magnitude_InPvt_CountsQueryKeyValueConvolutionsAndTheReduction()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = TinyModels.Of("pvt");
        var scores = new MagnitudeImportance().Score(model, new ProxyTensor(zeros(1)), new ScoringRequest(Options, 0));
        var w = model.state_dict();
        double Sum(params (string Name, int Dimension, int Index)[] places) =>
            Math.Sqrt(places.Sum(p => w[$"stages.{p.Name}"].to(float64).select(p.Dimension, p.Index).square().sum().ToDouble()));
        const string block = "0.blocks.1.";
        Assert.AreEqual(Sum((block + "attn.q.weight", 0, 5), (block + "attn.q.bias", 0, 5), (block + "attn.kv.weight", 0, 5), (block + "attn.kv.weight", 0, 13),
            (block + "attn.kv.bias", 0, 5), (block + "attn.kv.bias", 0, 13), (block + "attn.proj.weight", 1, 5)), scores.Attention[1][5], 1e-9);
        Assert.AreEqual(Sum((block + "mlp.fc1.weight", 0, 7), (block + "mlp.fc1.bias", 0, 7), (block + "mlp.dwconv.weight", 0, 7), (block + "mlp.dwconv.bias", 0, 7),
            (block + "mlp.fc2.weight", 1, 7)), scores.Mlp[1][7], 1e-9);
        // The stage's channel 3: convolution in and out, query, key and value, reduction in and out, projection, MLP in and out.
        Assert.AreEqual(Sum(("1.downsample.proj.weight", 0, 3), ("2.downsample.proj.weight", 1, 3), ("1.blocks.0.attn.q.weight", 1, 3), ("1.blocks.0.attn.kv.weight", 1, 3),
            ("1.blocks.0.attn.sr.weight", 0, 3), ("1.blocks.0.attn.sr.weight", 1, 3), ("1.blocks.0.attn.proj.weight", 0, 3), ("1.blocks.0.mlp.fc1.weight", 1, 3),
            ("1.blocks.0.mlp.fc2.weight", 0, 3)), scores.Embed[1][3], 1e-9);
    }

    [TestMethod]
    public void Taylor_WithoutLabels_NamesTheRemedy()
    {
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 2);
        var error = Assert.ThrowsExactly<ArgumentException>(() => new TaylorImportance().Score(model, new ProxyTensor(images), new ScoringRequest(Options, 0)));
        StringAssert.Contains(error.Message, "label column");
    }

    [TestMethod]
    public void Score_TellsTheExpectedTimeBeforeProgress()
    {
        using var model = TinyModels.Vit();
        using var images = TinyModels.Images(model, 8);
        var heard = new List<string>();
        var options = Options with { Estimate = new Listener<ScoringEstimate>(e => heard.Add($"{e.Importance} {e.Images} {e.Expected > TimeSpan.Zero && e.Remaining > e.Expected == (e.Importance == "fisher")}")), Progress = new Listener<double>(p => heard.Add(p >= 1 ? "done" : "progress")) };
        new AutoImportance().Score(model, new ProxyTensor(images), new ScoringRequest(options, 0));
        Assert.AreEqual("fisher 8 True", heard[0]);
        Assert.AreEqual("done", heard[^1]);
        Assert.IsTrue(heard.IndexOf("exact 6 True") is > 1 and var at && at < heard.Count - 1);
    }

    // ½ Σ_images Σ_classes q (∂ log p / ∂m)² by central differences of the weighted norms.
    private static double[] ExpectedFisher(VisionModel model, Tensor images)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var copy = model.Copy();
        copy.to(float64);
        copy.WeightsChanged();
        int width = model.Configuration.NumFeatures;
        Tensor LogProbabilities(int channel, double gain)
        {
            var row = new double[width];
            Array.Fill(row, 1);
            row[channel] = gain;
            return copy.Forward(images.to(float64), new ChannelGains { Residual = [tensor(row).unsqueeze(0)] }).log_softmax(-1);
        }
        var q = LogProbabilities(0, 1).exp();
        const double Step = 1e-4;
        return [.. Enumerable.Range(0, width).Select(c => 0.5 * (q * ((LogProbabilities(c, 1 + Step) - LogProbabilities(c, 1 - Step)) / (2 * Step)).square()).sum().ToDouble())];
    }

    private sealed class Listener<T>(Action<T> hear) : IProgress<T>
    {
        public void Report(T value) => hear(value);
    }
}
