using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Tests.Pruning.Depth;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning.Recovery;

[TestClass]
public sealed class ChannelRecoveryTests
{
    [TestMethod]
    [DataRow("vit")]
    [DataRow("swin")]
    public void MeanShift_AddsTheMeanContributionOfRemovedMlpChannelsToTheBias(string kind)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var dense = DepthModels.Create(kind);
        using var images = DepthModels.Images(dense, 5);
        var plan = Plans.Of(dense, everyNthAttention: 1, everyNthMlp: 3);
        using var pruned = ModelSlicer.Slice(dense, plan);
        Recover(pruned, dense, plan, images, new RecoveryOptions { Method = RecoveryMethod.MeanShift });

        // W[:, c] m_c is by how much the stream falls on average when hidden channel c is zero.
        int block = dense.Configuration.Blocks.Count() - 1;
        var kept = plan.Blocks[block].MlpChannels;
        var whole = LastOutput(dense, images);
        var expected = zeros(whole.shape[^1], dtype: float64);
        for (int c = 0; c < dense.Configuration.Blocks.Last().MlpHiddenDim; c++)
            if (!kept.Contains(c)) expected += (whole - LastOutput(dense, images, without: c)).flatten(0, -2).mean([0]);
        var key = SkippedHalves.Prefixes(dense.Configuration)[block] + ".mlp.fc2.bias";
        AreClose(expected, pruned.state_dict()[key] - dense.state_dict()[key], 1e-10);
    }

    [TestMethod]
    public void MeanShift_AddsTheMeanContributionOfRemovedAttentionChannelsToTheBias()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var dense = DepthModels.Create("vit");
        using var images = DepthModels.Images(dense, 5);
        var plan = Plans.Of(dense, everyNthAttention: 2, everyNthMlp: 1);
        using var pruned = ModelSlicer.Slice(dense, plan);
        Recover(pruned, dense, plan, images, new RecoveryOptions { Method = RecoveryMethod.MeanShift });
        // The first block's attention, in plain tensor operations: norm, qkv, softmax, heads side by side.
        var weights = dense.state_dict();
        Tensor W(string name) => weights["blocks.0." + name];
        var steps = new ModelSteps(dense);
        var x = nn.functional.layer_norm(steps.Enter(images, steps.Begin(images)), [12], W("norm1.weight"), W("norm1.bias"), 1e-6);
        var qkv = (x.matmul(W("attn.qkv.weight").t()) + W("attn.qkv.bias")).reshape(5, -1, 3, 2, 6).permute(2, 0, 3, 1, 4);     // [3, B, heads, N, headDim]
        var mixed = (qkv[0].matmul(qkv[1].transpose(-1, -2)) / Math.Sqrt(6)).softmax(-1).matmul(qkv[2]).transpose(1, 2).flatten(2, 3); // [B, N, D]
        var removed = Enumerable.Range(0, 12).Except(plan.Blocks[0].AttentionChannels).Select(c => (long)c).ToArray();
        var expected = W("attn.proj.weight").index_select(1, tensor(removed)).mv(mixed.mean([0, 1]).index_select(0, tensor(removed)));
        AreClose(expected, pruned.state_dict()["blocks.0.attn.proj.bias"] - W("attn.proj.bias"), 1e-10);
    }

    [TestMethod]
    [DataRow("vit", RecoveryMethod.LeastSquares)]
    [DataRow("mean", RecoveryMethod.LeastSquares)]
    [DataRow("distilled", RecoveryMethod.LeastSquares)]
    [DataRow("swin", RecoveryMethod.LeastSquares)]
    [DataRow("swin", RecoveryMethod.MeanShift)]
    [DataRow("pvt", RecoveryMethod.LeastSquares)]
    public void WithNothingRemoved_TheWeightsStayAsTheyAre(string kind, RecoveryMethod method)
    {
        using var scope = NewDisposeScope();
        using var dense = DepthModels.Create(kind);
        using var images = DepthModels.Images(dense, 4);
        var plan = Plans.Of(dense, 1, 1);
        using var pruned = ModelSlicer.Slice(dense, plan);
        Recover(pruned, dense, plan, images, new RecoveryOptions { Method = method });
        var before = dense.state_dict();
        foreach (var (name, weight) in pruned.state_dict())
            Assert.IsLessThanOrEqualTo(1e-6 * before[name].abs().max().ToDouble(), (weight - before[name]).abs().max().ToDouble(), name);
    }

    [TestMethod]
    [DataRow("vit")]
    [DataRow("scaled")]
    [DataRow("swin")]
    public void LeastSquares_WhereRemovedChannelsRepeatKeptOnes_RestoresTheModel(string kind)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var dense = DepthModels.Create(kind);
        using var images = DepthModels.Images(dense, 6);
        // Channel 2k + 1 repeats channel 2k. In attention only the value repeats it, and the removed query and key rows are zero.
        var plan = Plans.Of(dense, everyNthAttention: 2, everyNthMlp: 2);
        Plans.RepeatChannels(dense);
        using var pruned = ModelSlicer.Slice(dense, plan);
        var expected = dense.forward(images);
        double before = (expected - pruned.forward(images)).abs().max().ToDouble();
        var report = Recover(pruned, dense, plan, images, new RecoveryOptions { Method = RecoveryMethod.LeastSquares, Ridge = 1e-13 });
        double after = (expected - pruned.forward(images)).abs().max().ToDouble();
        Assert.IsGreaterThan(1e-2, before, "the removed channels must matter");
        Assert.IsLessThan(1e-6 * before, after);
        Assert.IsTrue(report.All(half => half.ErrorAfter < 1e-10));
        // On images it has not seen too.
        using var others = DepthModels.Images(dense, 3, seed: 70);
        Assert.IsLessThan(1e-6 * before, (dense.forward(others) - pruned.forward(others)).abs().max().ToDouble());
    }

    [TestMethod]
    [DataRow("vit", 1, 0, false)]
    [DataRow("vit", 1, 0, true)]
    [DataRow("mean", 1, 0, false)]
    [DataRow("swin", 1, 0, true)]
    [DataRow("pvt", 1, 0, true)]
    [DataRow("merged", 1, 1, true)]
    public void LeastSquares_NeverMakesAHalfWorse_AndBringsTheModelNearer(string kind, int seed, int heads, bool embed)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var dense = DepthModels.Create(kind == "merged" ? "vit" : kind, (ulong)seed);
        using var images = DepthModels.Images(dense, 24);
        var plan = Plans.Of(dense, 2, 2, heads == 0 ? null : heads, embed);
        using var pruned = ModelSlicer.Slice(dense, plan);
        double before = (dense.forward(images) - pruned.forward(images)).square().mean().ToDouble();
        var report = Recover(pruned, dense, plan, images, new RecoveryOptions { Method = RecoveryMethod.LeastSquares });
        Assert.HasCount(2 * dense.Configuration.Blocks.Count(), report);
        foreach (var half in report) Assert.IsLessThanOrEqualTo(half.ErrorBefore, half.ErrorAfter, half.ToString());
        Assert.IsLessThan(before, (dense.forward(images) - pruned.forward(images)).square().mean().ToDouble());
    }

    [TestMethod]
    [DataRow("vit", null, false)]
    [DataRow("scaled", null, false)]
    [DataRow("distilled", 1, false)]
    [DataRow("mean", null, true)]
    [DataRow("swin", null, true)]
    [DataRow("pvt", null, false)]
    public void LeastSquares_LeavesNothingInTheStreamThatTheLastLayerCouldStillExplain(string kind, int? heads, bool embed)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var dense = DepthModels.Create(kind);
        using var images = DepthModels.Images(dense, 40);
        var plan = Plans.Of(dense, 2, 3, heads, embed);
        using var pruned = ModelSlicer.Slice(dense, plan);
        var (_, _, before) = AtTheEnd(dense, pruned, plan, images);
        Recover(pruned, dense, plan, images, new RecoveryOptions { Ridge = 1e-13 });

        // The normal equations: what is missing, weighted, is uncorrelated with what the layer reads and zero on the mean.
        var (inputs, missing, squares) = AtTheEnd(dense, pruned, plan, images);
        int tokens = (int)missing.shape[1], read = kind switch { "vit" or "scaled" => 1, "distilled" => 2, _ => 0 };
        var weights = ones(1, tokens, 1, dtype: float64);
        if (read > 0) weights.narrow(1, 0, read).fill_(Math.Max(1, 0.5 * (tokens - read) / read));    // half as much as all others together
        var weighted = (missing * weights).flatten(0, 1);                                             // [T, C]
        var explained = inputs.flatten(0, 1).t().mm(weighted).abs() / (inputs.flatten(0, 1).square().sum([0], keepdim: true).sqrt().t() * weighted.square().sum([0], keepdim: true).sqrt());
        Assert.IsLessThan(1e-5, explained.max().ToDouble());
        Assert.IsLessThan(1e-7, weighted.mean([0]).abs().max().ToDouble());
        Assert.IsLessThan(0.9 * before, squares);
    }

    [TestMethod]
    public void LeastSquares_LaterHalvesMakeUpForWhatEarlierOnesLost()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var dense = DepthModels.Create("vit");
        using var images = DepthModels.Images(dense, 40);
        var whole = Plans.Of(dense, 1, 1);
        var plan = whole with { Blocks = [Plans.Of(dense, 1, 4).Blocks[0], .. whole.Blocks.Skip(1)] };    // the first MLP alone loses channels
        using var pruned = ModelSlicer.Slice(dense, plan);
        Recover(pruned, dense, plan, images, new RecoveryOptions());
        var (before, after) = (dense.state_dict(), pruned.state_dict());
        Assert.IsGreaterThan(1e-6, (before["blocks.1.mlp.fc2.weight"] - after["blocks.1.mlp.fc2.weight"]).abs().max().ToDouble());
        AreClose(before["blocks.0.attn.proj.weight"], after["blocks.0.attn.proj.weight"], 1e-9);          // stands before it
        double error = (dense.forward(images) - pruned.forward(images)).square().mean().ToDouble();
        foreach (var (name, weight) in after)
            if (!name.StartsWith("blocks.0.", StringComparison.Ordinal)) weight.copy_(before[name]);
        pruned.WeightsChanged();
        Assert.IsLessThan((dense.forward(images) - pruned.forward(images)).square().mean().ToDouble(), error);
    }

    [TestMethod]
    public void LeastSquares_DoesNotDependOnHowImagesAreBatched()
    {
        using var scope = NewDisposeScope();
        using var dense = DepthModels.Create("vit");
        using var images = DepthModels.Images(dense, 7);
        var plan = Plans.Of(dense, 2, 2);
        using var one = ModelSlicer.Slice(dense, plan);
        using var many = ModelSlicer.Slice(dense, plan);
        ChannelRecovery.Recover(one, dense, plan, DepthModels.Batches(images, 6), new RecoveryOptions { Images = 6, Ridge = 0.01 });
        ChannelRecovery.Recover(many, dense, plan, DepthModels.Batches(images, 4), new RecoveryOptions { Images = 6, Ridge = 0.01 });    // the second batch is used in part
        var expected = one.state_dict();
        foreach (var (name, weight) in many.state_dict()) AreClose(expected[name], weight, 1e-9);
    }

    [TestMethod]
    public void Recover_ByNone_ChangesNothingAndAsksForNoImages()
    {
        using var dense = DepthModels.Create("vit");
        var plan = Plans.Of(dense, 2, 2);
        using var pruned = ModelSlicer.Slice(dense, plan);
        static IEnumerable<Tensor> Fails()
        {
            Assert.Fail("no images are needed");
            yield break;
        }
        Assert.IsEmpty(ChannelRecovery.Recover(pruned, dense, plan, Fails(), new RecoveryOptions { Method = RecoveryMethod.None }));
    }

    [TestMethod]
    public void Recover_RefusesWhatDoesNotFit_ByName()
    {
        using var dense = DepthModels.Create("vit");
        var plan = Plans.Of(dense, 2, 2);
        using var pruned = ModelSlicer.Slice(dense, plan);
        string Refusal(PruningPlan other, RecoveryOptions options, IEnumerable<Tensor> batches) =>
            Assert.ThrowsExactly<ArgumentException>(() => ChannelRecovery.Recover(pruned, dense, other, batches, options)).Message;
        StringAssert.Contains(Refusal(plan, new RecoveryOptions { Ridge = -1, Images = 0 }, []), "Ridge is -1");
        StringAssert.Contains(Refusal(Plans.Of(dense, 1, 2), new RecoveryOptions(), []), "other sizes");
        foreach (var method in (RecoveryMethod[])[RecoveryMethod.MeanShift, RecoveryMethod.LeastSquares])
            StringAssert.Contains(Refusal(plan, new RecoveryOptions { Method = method }, []), "no images");
    }

    [TestMethod]
    [DataRow(RecoveryMethod.MeanShift)]
    [DataRow(RecoveryMethod.LeastSquares)]
    public void Recover_LeavesTheDenseModelAsItWasAndNoTensorsBehind(RecoveryMethod method)
    {
        using var dense = DepthModels.Create("swin");
        using var images = DepthModels.Images(dense, 4);
        dense.train();
        var plan = Plans.Of(dense, 2, 2);
        void Run()
        {
            using var pruned = ModelSlicer.Slice(dense, plan);
            ChannelRecovery.Recover(pruned, dense, plan, DepthModels.Batches(images, 3), new RecoveryOptions { Method = method });
        }
        Run();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Run();
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.IsTrue(dense.training);
    }

    private static IReadOnlyList<HalfRecovery> Recover(VisionModel pruned, VisionModel dense, PruningPlan plan, Tensor images, RecoveryOptions options) =>
        ChannelRecovery.Recover(pruned, dense, plan, DepthModels.Batches(images, 4), options);

    /// <summary>What the last half of a pruned model reads, what its stream lacks in the end, and the squares of that.</summary>
    private static (Tensor Inputs, Tensor Missing, double Squares) AtTheEnd(VisionModel dense, VisionModel pruned, PruningPlan plan, Tensor images)
    {
        Tensor Stream(ModelSteps steps, out Tensor inputs)
        {
            var pass = steps.Begin(images);
            var x = steps.Enter(images, pass);
            foreach (var step in steps.Steps.SkipLast(1)) x = steps.Take(step, x, pass);
            inputs = Tokens(steps.Channels(steps.Steps[^1], x, pass));
            return Tokens(steps.Take(steps.Steps[^1], x, pass));
        }
        var target = Stream(new ModelSteps(dense), out _);                                             // [B, N, C]
        if (plan.Embed is { } embed) target = target.index_select(2, tensor(embed[^1].Select(c => (long)c).ToArray()));
        var missing = target - Stream(new ModelSteps(pruned), out var inputs);                         // [B, N, C kept]
        return (inputs, missing, missing.square().sum().ToDouble());
    }

    private static Tensor Tokens(Tensor x) => x.dim() == 4 ? x.flatten(1, 2) : x;                      // [B, N, C]

    /// <summary>The stream after the last block, where one hidden channel of its MLP may be missing.</summary>
    private static Tensor LastOutput(VisionModel model, Tensor images, int? without = null)
    {
        var steps = new ModelSteps(model);
        var pass = steps.Begin(images);
        var x = steps.Enter(images, pass);
        foreach (var step in steps.Steps.SkipLast(1)) x = steps.Take(step, x, pass);
        var hidden = steps.Channels(steps.Steps[^1], x, pass);
        if (without is { } channel) hidden.select(2, channel).zero_();
        return steps.Add(steps.Steps[^1], x, steps.Output(steps.Steps[^1], hidden, pass), pass);
    }

    private static void AreClose(Tensor expected, Tensor actual, double tolerance)
    {
        double difference = (expected - actual).abs().max().ToDouble(), size = expected.abs().max().ToDouble();
        Assert.IsLessThanOrEqualTo(tolerance * Math.Max(1, size), difference);
    }

    [TestMethod]
    public void Ridge_GrowsWhereImagesAreFew_UnlessItIsGiven()
    {
        var usual = new RecoveryOptions();
        Assert.AreEqual((1e-3, 1e-3, 8e-3), (usual.RidgeFor(1000), usual.RidgeFor(256), usual.RidgeFor(128)));
        Assert.AreEqual(0.5, (usual with { Ridge = 0.5 }).RidgeFor(1));
    }
}
