using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;
using static MLNet.ViTPruning.Tests.Training.TrainerFixture;

namespace MLNet.ViTPruning.Tests.Training;

[TestClass]
public class StochasticDepthTests
{
    private const int Blocks = 5;
    private const double Rate = 0.4;

    [TestMethod]
    public void Draw_DropsAtTheBlocksRateAndKeepsTheExpectation()
    {
        const int Count = 20_000;
        float[] factors = Draw(new StochasticDepth(Rate, Blocks, 1), Count);
        for (int half = 0; half < 2 * Blocks; half++)
        {
            var values = factors.AsSpan(half * Count, Count).ToArray();
            double rate = Rate * (half / 2) / (Blocks - 1);
            Assert.AreEqual(rate, values.Count(v => v == 0) / (double)Count, 0.015);
            Assert.AreEqual(1, values.Average(), 0.025);
            Assert.IsTrue(values.All(v => v == 0 || v == (float)(1 / (1 - rate))));
        }
    }

    [TestMethod]
    public void Draw_DependsOnSeedStepAndPlaceOfTheImageNotOnTheBatch()
    {
        float[] whole = Draw(new StochasticDepth(Rate, Blocks, 1) { Step = 3 }, 8);
        float[] first = Draw(new StochasticDepth(Rate, Blocks, 1) { Step = 3 }, 5), rest = Draw(new StochasticDepth(Rate, Blocks, 1) { Step = 3, FirstImage = 5 }, 3);
        for (int half = 0; half < 2 * Blocks; half++)
            for (int i = 0; i < 8; i++) Assert.AreEqual(whole[half * 8 + i], i < 5 ? first[half * 5 + i] : rest[half * 3 + i - 5]);
        CollectionAssert.AreNotEqual(whole, Draw(new StochasticDepth(Rate, Blocks, 1) { Step = 4 }, 8));
        CollectionAssert.AreNotEqual(whole, Draw(new StochasticDepth(Rate, Blocks, 2) { Step = 3 }, 8));
    }

    [TestMethod]
    public void Draw_OfASingleBlock_DropsNothing() => Assert.IsTrue(Draw(new StochasticDepth(Rate, 1, 1), 50).All(v => v == 1));

    [TestMethod]
    [DataRow(ModelFamily.Vit)]
    [DataRow(ModelFamily.Swin)]
    public void Forward_MultipliesEachBranchOfEachImage(ModelFamily family)
    {
        using var scope = NewDisposeScope();
        var configuration = family == ModelFamily.Vit ? Vit() : Swin();
        int blocks = configuration.Blocks.Count(), dropped = blocks - 1;
        using var model = Models.SmallModels.Random(configuration);
        using var without = model.Copy();
        foreach (var (name, parameter) in without.named_parameters())
        {
            bool last = family == ModelFamily.Vit ? name.StartsWith("blocks.2.", StringComparison.Ordinal) : name.StartsWith("layers.1.blocks.1.", StringComparison.Ordinal);
            using var noGrad = no_grad();
            if (last && name.Contains("attn.proj", StringComparison.Ordinal)) parameter.zero_();
        }
        var images = Models.SmallModels.Images(configuration, 2);
        var factors = ones([2 * blocks, 2, 1, 1]);
        factors[2 * dropped, 1] = zeros([1, 1]); // the last block's attention, of the second image
        model.train();
        float[] plain = Values(model.forward(images));
        model.DropPath = (_, _) => factors.clone();
        float[] actual = Values(model.forward(images)), removed = Values(without.forward(images));
        Models.SmallModels.AreClose(plain[..Classes], actual[..Classes], 1e-5);
        Models.SmallModels.AreClose(removed[Classes..], actual[Classes..], 1e-5);
        Assert.IsGreaterThan(1e-3f, plain[Classes..].Zip(removed[Classes..], (a, b) => Math.Abs(a - b)).Max());
    }

    [TestMethod]
    public void Forward_WithoutGradientsOrInEvaluation_DropsNothing()
    {
        using var scope = NewDisposeScope();
        using var model = Models.SmallModels.Random(Vit());
        var images = Models.SmallModels.Images(Vit(), 2);
        model.DropPath = (_, _) => throw new InvalidOperationException("asked for factors");
        model.forward(images);
        model.train();
        using var noGrad = no_grad();
        model.forward(images);
    }

    private static float[] Draw(StochasticDepth depth, int images)
    {
        using var factors = depth.Draw(images, CPU);
        CollectionAssert.AreEqual(new long[] { factors.shape[0], images, 1, 1 }, factors.shape);
        return Values(factors);
    }
}
