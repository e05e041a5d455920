using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Tests.Checkpoints;
using TorchSharp;
using ModelSize = MLNet.ViTPruning.Measurement.ModelSize;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Models;

[TestClass]
public sealed class PyramidVisionTransformerTests
{
    // As test/peers/make_pvt_fixtures.py has it.
    private static ModelConfiguration Fixture => new()
    {
        Family = ModelFamily.PvtV2,
        ImageSize = 32,
        PatchSize = 4,
        NumClasses = 5,
        ReductionRatios = [4, 2, 1],
        LayerNormEpsilon = 1e-3,
        Preprocessing = Preprocessing.ImageNet,
        Stages = [new(4, [new(1, 4, 12), new(1, 4, 12)]), new(8, [new(2, 4, 16)]), new(6, [new(2, 3, 10)])],
    };

    [TestMethod]
    [DataRow("pvt_v2", "timm PVTv2")]
    [DataRow("pvt_v2_authors", "authors' PVTv2")]
    public void Logits_EqualAnIndependentPyTorchScripts_Within1e4(string name, string names)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var file = CheckpointFile.Open(CheckpointFixtures.Of("pvt_v2_logits.pth"));
        using var model = ModelFile.Load(CheckpointFixtures.Of(name + ".pth"), new ModelLoadOptions { Configuration = Fixture });
        Assert.IsInstanceOfType<PyramidVisionTransformer>(model);
        Assert.IsLessThan(1e-4, (model.forward(file.ReadTensor("input")) - file.ReadTensor("logits")).abs().max().item<float>());
        var e = Assert.ThrowsExactly<InvalidDataException>(() =>
            ModelFile.Load(CheckpointFixtures.Of(name + ".pth"), new ModelLoadOptions { Configuration = Fixture with { ReductionRatios = [4, 1, 1] } }));
        StringAssert.Contains(e.Message, names);
        StringAssert.Contains(e.Message, "stages.1.blocks.0.attn.sr.weight: left over");
    }

    [TestMethod]
    [DataRow("pvt_v2_b0")]
    [DataRow("pvt_v2_b1")]
    [DataRow("pvt_v2_b2")]
    public void Logits_OfAPresetWithRandomWeights_EqualTheScripts_Within1e4(string name)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var folder = new TemporaryFolder();
        using var model = VisionModel.Create(ModelPresets.Get(name), seed: 4);
        using var generator = new Generator(5);
        foreach (var parameter in model.parameters()) parameter.add_(randn(parameter.shape, generator: generator) * 0.02); // biases and norms too
        model.eval();
        ModelFile.Save(model, folder.File("a.pth"));
        var images = SmallModels.Images(model.Configuration, 1);
        string? said = Python.Run($"""
            import sys, torch
            sys.path.insert(0, '{PeersFolder()}')
            sys.dont_write_bytecode = True
            from make_pvt_fixtures import forward
            torch.set_num_threads(1)
            weights = torch.load('{folder.File("a.pth")}')
            pixels = torch.frombuffer(bytearray(open('{Written(folder, images)}', 'rb').read()), dtype=torch.float32).view(1, 3, 224, 224)
            with torch.no_grad():
                print(' '.join('%.9g' % v for v in forward(weights, pixels, {HeadsOf(model.Configuration)}, 1e-6)[0].tolist()))
            """);
        if (said is null) Assert.Inconclusive("Python or torch is missing");
        float[] expected = [.. said.Split().Where(part => part.Length > 0).Select(part => float.Parse(part, System.Globalization.CultureInfo.InvariantCulture))];
        Assert.IsGreaterThan(0.1f, expected.Max() - expected.Min());
        SmallModels.AreClose(expected, SmallModels.Logits(model, images), 1e-4);
    }

    private static string HeadsOf(ModelConfiguration c) => $"[{string.Join(", ", c.Stages.Select(stage => stage.Blocks[0].Heads))}]";

    private static string Written(TemporaryFolder folder, Tensor images)
    {
        using var values = images.data<float>();
        File.WriteAllBytes(folder.File("pixels.bin"), System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values.ToArray()).ToArray());
        return folder.File("pixels.bin");
    }

    private static string PeersFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string peers = Path.Combine(folder.FullName, "test", "peers");
            if (File.Exists(Path.Combine(peers, "make_pvt_fixtures.py"))) return peers;
        }
        Assert.Inconclusive("test/peers is missing");
        return "";
    }

    [TestMethod]
    public void AFile_GivesTheModelBack()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var folder = new TemporaryFolder();
        using var model = SmallModels.Random(SmallModels.Pvt());
        var images = SmallModels.Images(model.Configuration, 2);
        foreach (string extension in new[] { ".safetensors", ".pth" })
        {
            ModelFile.Save(model, folder.File("a" + extension));
            using var loaded = ModelFile.Load(folder.File("a" + extension));
            Assert.AreEqual(model.Configuration, loaded.Configuration);
            Assert.AreEqual(0, (model.forward(images) - loaded.forward(images)).abs().max().item<float>());
        }
    }

    // Rounded figures of the paper's table; exact ones added up by hand from the layers' shapes.
    [TestMethod]
    [DataRow("pvt_v2_b0", 3.7)]
    [DataRow("pvt_v2_b1", 14.0)]
    [DataRow("pvt_v2_b2", 25.4)]
    public void Parameters_AreTheSumOverAllLayers(string name, double millions)
    {
        var c = ModelPresets.Get(name);
        long sum = 0;
        for (int s = 0; s < 4; s++)
        {
            long width = c.Stages[s].EmbedDim, inputs = s == 0 ? 3 : c.Stages[s - 1].EmbedDim, kernel = s == 0 ? 7 : 3, ratio = 8 >> s, hidden = width * (s < 2 ? 8 : 4);
            sum += width * inputs * kernel * kernel + width + 2 * width;                        // overlapping patches and their norm
            long block = 4 * width + (width * width + width) + (2 * width * width + 2 * width) + (width * width + width)   // norms, q, kv, proj
                + (hidden * width + hidden) + (9 * hidden + hidden) + (hidden * width + width);  // fc1, depth-wise convolution, fc2
            if (ratio > 1) block += width * width * ratio * ratio + width + 2 * width;          // reduction and its norm
            sum += c.Stages[s].Blocks.Count * block + 2 * width;
        }
        sum += 1000 * c.NumFeatures + 1000;
        var size = ModelSize.Of(c);
        Assert.AreEqual(sum, size.Parameters);
        Assert.AreEqual(millions, Math.Round(size.Parameters / 1e6, 1));
        using var model = VisionModel.CreateEmpty(c);
        Assert.AreEqual(sum, model.parameters().Sum(p => p.numel()));
    }

    [TestMethod]
    public void Macs_CountConvolutionsAndReducedKeys()
    {
        var components = ModelSize.Of(SmallModels.Pvt()).Components;
        Assert.AreEqual(64 * 3 * 49 * 8, components.First(c => c.Component == "embed").Macs);
        // 64 tokens of width 8 that see 4 keys, each of 16 tokens.
        Assert.AreEqual(64 * 8 * 8 + 4 * 16 * 8 * 8 + 4 * 8 * 16 + 2 * 64 * 4 * 8 + 64 * 8 * 8, components.First(c => c.Component == "attention").Macs);
        Assert.AreEqual(64 * (2 * 8 * 16 + 9 * 16), components.First(c => c.Component == "mlp").Macs);
        Assert.AreEqual(16 * 9 * 8 * 12, components.First(c => c.Component == "downsample").Macs);
        // In the last stage each of 4 tokens is a key of its own.
        Assert.AreEqual(4 * 16 * 16 + 4 * 16 * 32 + 2 * 4 * 4 * 16 + 4 * 16 * 16, components.Last(c => c.Component == "attention").Macs);
    }

    [TestMethod]
    public void Create_DrawsAsTimm()
    {
        var c = SmallModels.Pvt() with { Stages = [.. SmallModels.Pvt().Stages.Select(stage => stage with { EmbedDim = 4 * stage.EmbedDim })] };
        using var model = VisionModel.Create(c, seed: 2);
        foreach (var (key, tensor) in model.state_dict())
        {
            using var scope = NewDisposeScope();
            double Deviation() => tensor.square().mean().sqrt().item<float>();
            if (key.EndsWith("bias", StringComparison.Ordinal)) Assert.AreEqual(0, tensor.count_nonzero().ToInt64(), key);
            else if (key.Contains("norm", StringComparison.Ordinal)) Assert.IsTrue(tensor.eq(1).all().item<bool>(), key);
            else if (tensor.ndim == 4)
            {
                double outputs = key.Contains("dwconv", StringComparison.Ordinal) ? 1 : tensor.shape[0];
                double expected = Math.Sqrt(2 / (outputs * tensor.shape[2] * tensor.shape[3]));
                Assert.AreEqual(expected, Deviation(), 0.25 * expected, key);
            }
            else Assert.AreEqual(0.02, Deviation(), 0.01, key);
        }
    }

    [TestMethod]
    public void Validate_NamesWhatIsWrong()
    {
        static string Message(ModelConfiguration c) => Assert.ThrowsExactly<ArgumentException>(c.Validate).Message;
        StringAssert.Contains(Message(SmallModels.Pvt() with { ReductionRatios = null }), "reductionRatios is []; a PVTv2 needs one for each of its 3 stages.");
        StringAssert.Contains(Message(SmallModels.Pvt() with { ReductionRatios = [3, 2, 0] }), "reductionRatios[0] is 3; expected a divisor of the stage's 8 tokens a side.");
        StringAssert.Contains(Message(SmallModels.Pvt() with { ReductionRatios = [3, 2, 0] }), "reductionRatios[2] is 0");
        StringAssert.Contains(Message(SmallModels.Pvt() with { ImageSize = 36 }), "9 x 9 tokens, which the next stage cannot halve");
        StringAssert.Contains(Message(SmallModels.Pvt() with { WindowSize = 4 }), "windowSize is 4; a PVTv2 has none (0).");
        StringAssert.Contains(Message(SmallModels.Pvt() with { LayerScale = true }), "not part of PVTv2");
        StringAssert.Contains(Message(SmallModels.Pvt() with { Stages = [.. SmallModels.Pvt().Stages.Select(s => s with { Blocks = [] })] }), "without blocks");
        StringAssert.Contains(Message(SmallModels.Swin() with { ReductionRatios = [1, 1, 1] }), "only a PVTv2 has them");
        StringAssert.Contains(SmallModels.Pvt().ToJson(), "\"family\":\"pvtV2\"");
        StringAssert.Contains(SmallModels.Pvt().ToJson(), "\"reductionRatios\":[4,2,1]");
        Assert.DoesNotContain("reductionRatios", SmallModels.Swin().ToJson());
    }

    [TestMethod]
    public void Backward_ReachesEveryWeight_AndDropPathLeavesOutTheHalf()
    {
        using var scope = NewDisposeScope();
        using var model = SmallModels.Random(SmallModels.Pvt());
        int blocks = model.Configuration.Blocks.Count();
        using var without = model.Copy();
        using (no_grad()) foreach (var (name, parameter) in without.named_parameters()) if (name.StartsWith("stages.1.blocks.0.mlp.fc2", StringComparison.Ordinal)) parameter.zero_();
        var images = SmallModels.Images(model.Configuration, 2);
        var factors = ones([2 * blocks, 2, 1, 1]);
        factors[2 * 2 + 1, 0] = zeros([1, 1]); // block 2 opens stage 1; its MLP, of the first image
        model.train();
        var whole = model.forward(images);
        whole.pow(2).sum().backward();
        foreach (var (name, parameter) in model.named_parameters()) Assert.IsGreaterThan(0f, parameter.grad!.abs().max().item<float>(), name);
        model.DropPath = (_, _) => factors.clone();
        var dropped = model.forward(images);
        var expected = without.forward(images);
        Assert.IsLessThan(1e-4f, (dropped[0] - expected[0]).abs().max().item<float>());
        Assert.IsLessThan(1e-4f, (dropped[1] - whole[1]).abs().max().item<float>());
        Assert.IsGreaterThan(1e-3f, (dropped[0] - whole[0]).abs().max().item<float>());
    }
}
