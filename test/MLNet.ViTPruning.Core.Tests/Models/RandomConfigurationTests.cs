using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Models;

/// <summary>Structures as pruning makes them: every block different, halves missing.</summary>
[TestClass]
public sealed class RandomConfigurationTests
{
    private static ModelConfiguration Draw(Random random)
    {
        BlockConfiguration Block()
        {
            int heads = random.Next(4);
            return new BlockConfiguration(heads, heads == 0 ? 0 : random.Next(1, 9), random.Next(3) == 0 ? 0 : random.Next(1, 33));
        }
        StageConfiguration Stage() => new(random.Next(1, 25), [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Block())]);
        bool distilled = random.Next(2) == 0;
        return random.Next(2) == 0
            ? SmallModels.Swin() with { WindowSize = 1 << random.Next(1, 6), Stages = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Stage())] }
            : SmallModels.Vit() with { DistillationToken = distilled, Pooling = distilled ? Pooling.ClassToken : (Pooling)random.Next(2), LayerScale = random.Next(2) == 0, Stages = [Stage()] };
    }

    [TestMethod]
    public void Models_OfRandomStructure_AreWhatTheirConfigurationSays()
    {
        using var scope = NewDisposeScope();
        for (int seed = 0; seed < 40; seed++)
        {
            var c = Draw(new Random(seed));
            Assert.AreEqual(c, ModelConfiguration.FromJson(c.ToJson()), $"seed {seed}");
            using var model = SmallModels.Random(c);
            Assert.AreEqual(model.parameters().Sum(p => p.numel()), ModelSize.Of(c).Parameters, $"seed {seed}");
            var images = SmallModels.Images(c, 1);
            SmallModels.AreClose(model.forward(images).detach().data<float>().ToArray(), SmallModels.Logits(model, images), 2e-4);
        }
    }

    [TestMethod]
    [DynamicData(nameof(ForwardTests.All), typeof(ForwardTests))]
    public void Models_InFloat64_GiveFloat32sLogits_AndDoNotDependOnTheMode(string name)
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(ForwardTests.Named(name));
        var images = SmallModels.Images(model.Configuration, 2);
        var expected = SmallModels.Logits(model, images);
        model.to(ScalarType.Float64);
        images = images.to(ScalarType.Float64);
        var differentiated = model.forward(images).detach().data<double>().ToArray();
        using var noGrad = no_grad();
        var logits = model.forward(images);
        Assert.AreEqual(ScalarType.Float64, logits.dtype);
        var actual = logits.data<double>().ToArray();
        SmallModels.AreClose(expected, [.. actual.Select(v => (float)v)], 2e-4);
        for (int i = 0; i < actual.Length; i++) Assert.AreEqual(differentiated[i], actual[i], 1e-11);
    }
}
