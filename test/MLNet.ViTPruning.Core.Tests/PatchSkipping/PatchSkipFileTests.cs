using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.Tests.Checkpoints;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping;

[TestClass]
public sealed class PatchSkipFileTests
{
    private static readonly Dictionary<string, string> Plan = new() { [ModelFile.PlanKey] = "{}" };

    [TestMethod]
    [DataRow("model.safetensors", ScorerInput.TokenAndNeighbours, "vit")]
    [DataRow("model.pth", ScorerInput.TokenAndClass, "distilled")]
    [DataRow("model.safetensors", ScorerInput.Token, "halves")]
    public void Load_GivesWhatWasSaved(string name, ScorerInput input, string kind)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, name);
        using var model = SkipModels.Create(kind, SkipModels.Skipping(kind, input: input) with { ScaledCosineThreshold = 0.9 }, ScalarType.Float32);
        var images = SkipModels.Images(4, ScalarType.Float32);
        PatchSkipFile.Save(model, path, extraMetadata: Plan);
        using var loaded = PatchSkipFile.Load(path);
        Assert.IsFalse(loaded.training);
        Assert.AreEqual(model.Configuration, loaded.Configuration);
        Assert.AreEqual(model.Backbone.Configuration, loaded.Backbone.Configuration);
        SkipModels.AreClose(model.forward(images), loaded.forward(images), 0);
        Assert.IsTrue(PatchSkipFile.IsSkipping(path));
        Assert.AreEqual("{}", ModelFile.LoadPlan(path));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => ModelFile.Load(path)).Message, "skips patches");
        using var file = CheckpointFile.Open(path);
        CollectionAssert.Contains(file.Names.ToArray(), "skip.1.fc1.weight");
        CollectionAssert.Contains(file.Names.ToArray(), "blocks.0.attn.qkv.weight");
    }

    [TestMethod]
    public void Read_FromAStreamThatCannotSeek_GivesWhatWasWritten_AndNoByteMore()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit"), ScalarType.Float32);
        var images = SkipModels.Images(4, ScalarType.Float32);
        using var stream = new MemoryStream();
        PatchSkipFile.Write(model, stream, Plan);
        stream.WriteByte(42);
        stream.Position = 0;
        using var loaded = PatchSkipFile.Read(stream, out var metadata);
        Assert.AreEqual(42, stream.ReadByte());
        Assert.AreEqual("{}", metadata[ModelFile.PlanKey]);
        SkipModels.AreClose(model.forward(images), loaded.forward(images), 0);
        stream.Position = 0;
        long before = LiveTensors.AfterCollection();
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => ModelFile.Read(stream)).Message, "skips patches");
        stream.SetLength(stream.Length / 2);
        stream.Position = 0;
        Assert.ThrowsExactly<InvalidDataException>(() => PatchSkipFile.Read(stream, out _));
        Assert.AreEqual(before, LiveTensors.AfterCollection());
    }

    [TestMethod]
    public void Save_OfFewerLayers_LeavesTheOthersScorersOut()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.safetensors");
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit"), ScalarType.Float32);
        model.Configuration = model.Configuration with { Layers = [new PatchSkipLayer(2) { ScoreThreshold = 0.6 }] };
        PatchSkipFile.Save(model, path);
        using var loaded = PatchSkipFile.Load(path);
        Assert.AreEqual(2, loaded.Scorers.Single().Layer);
        var images = SkipModels.Images(4, ScalarType.Float32);
        SkipModels.AreClose(model.forward(images), loaded.forward(images), 0);
    }

    [TestMethod]
    public void Load_OfWhatDoesNotFit_SaysWhat_AndLeavesNothingBehind()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.safetensors");
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit"), ScalarType.Float32);
        Dictionary<string, string> Texts(string skipping) => new() { ["configuration"] = model.Backbone.Configuration.ToJson(), ["patchSkipping"] = skipping };
        void Fails(string json, bool scorers, string message)
        {
            var tensors = model.Backbone.state_dict().Select(s => (s.Key, s.Value));
            if (scorers) tensors = tensors.Concat(model.Scorers.SelectMany(s => s.Scorer.state_dict().Select(t => ($"skip.{s.Layer}.{t.Key}", t.Value))));
            SafetensorsWriter.Write(path, tensors.ToList(), Texts(json));
            long before = LiveTensors.AfterCollection();
            var e = Assert.ThrowsExactly<InvalidDataException>(() => PatchSkipFile.Load(path));
            StringAssert.Contains(e.Message, message);
            StringAssert.Contains(e.Message, path);
            Assert.AreEqual(before, LiveTensors.AfterCollection());
        }
        string good = model.Configuration.ToJson();
        Fails(good, scorers: false, "skip.1.fc1.weight: missing");
        Fails("{", scorers: true, "not valid");
        Fails("""{"layers":[{"layer":1}],"more":1}""", scorers: true, "not valid");
        Fails("""{"layers":[{"layer":9}]}""", scorers: true, "layer 9: the model has layers 0 to 3");
        Fails("""{"layers":[{"layer":1}]}""", scorers: true, "skip.2.fc1.bias: left over");
        Fails((model.Configuration with { Input = ScorerInput.TokenAndClass }).ToJson(), scorers: true, "expected [64, 24]");
        ModelFile.Save(model.Backbone, path);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => PatchSkipFile.Load(path)).Message, "dense model");
        Assert.IsFalse(PatchSkipFile.IsSkipping(path));
    }
}
