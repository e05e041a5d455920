using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;
using static MLNet.ViTPruning.Tests.Training.TrainerFixture;

namespace MLNet.ViTPruning.Tests.Training;

[TestClass]
public class ParameterMasksTests
{
    [TestMethod]
    [DataRow(null, false)]
    [DataRow(0.9, false)]
    [DataRow(0.9, true)]
    public void Run_KeepsMaskedWeightsAtZeroToTheBit(double? ema, bool validated)
    {
        using var scope = NewDisposeScope();
        using var model = Models.SmallModels.Random(Vit());
        using var generator = new Generator(3);
        string[] masked = ["blocks.0.attn.qkv.weight", "blocks.1.mlp.fc1.weight", "blocks.1.mlp.fc1.bias", "head.weight", "pos_embed"];
        var masks = model.named_parameters().Where(p => masked.Contains(p.Item1))
            .ToDictionary(p => p.Item1, p => (rand(p.Item2.shape, generator: generator) > 0.5).to(ScalarType.Float32));
        var before = model.named_parameters().ToDictionary(p => p.Item1, p => Values(p.Item2));
        var options = Options with { EmaDecay = ema, LearningRate = 0.05, WeightDecay = 0.5, DropPath = 0.1 };
        Trainer.Run(model, Job(options) with { Masks = masks, Validation = validated ? Images(9) : null });
        foreach (var (name, parameter) in model.named_parameters().Where(p => masked.Contains(p.Item1)))
        {
            float[] mask = Values(masks[name]), after = Values(parameter);
            Assert.IsTrue(mask.Contains(0) && mask.Contains(1), name);
            for (int i = 0; i < mask.Length; i++)
            {
                if (mask[i] == 0) Assert.AreEqual(0, BitConverter.SingleToInt32Bits(after[i]), $"{name}[{i}]");
                else Assert.AreNotEqual(before[name][i], after[i], $"{name}[{i}]");
            }
        }
    }

    [TestMethod]
    public void Run_WithMasksThatFitNoParameter_NamesAllFaults()
    {
        using var scope = NewDisposeScope();
        using var model = VisionModel.Create(Vit(), 5);
        var masks = new Dictionary<string, Tensor> { ["nothing"] = ones(1), ["head.bias"] = ones(7), ["norm.weight"] = full([12], 0.5f) };
        string message = Assert.ThrowsExactly<ArgumentException>(() => Trainer.Run(model, Job() with { Masks = masks })).Message;
        StringAssert.Contains(message, "'nothing'");
        StringAssert.Contains(message, "'head.bias' is [7]; expected the parameter's shape [3]");
        StringAssert.Contains(message, "'norm.weight' has values other than 0 and 1");
    }
}
