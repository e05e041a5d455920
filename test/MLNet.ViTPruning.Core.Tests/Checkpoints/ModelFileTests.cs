using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Checkpoints;

[TestClass]
public sealed class ModelFileTests
{
    private static readonly ModelConfiguration Pruned = SmallModels.Vit(distilled: true, layerScale: true, blocks: [new(2, 6, 20), new(0, 0, 7), new(1, 5, 0)]);

    private static void AreEqual(VisionModel expected, VisionModel actual)
    {
        var (a, b) = (expected.state_dict(), actual.state_dict());
        CollectionAssert.AreEquivalent(a.Keys, b.Keys);
        foreach (var (name, tensor) in a)
        {
            using var equal = tensor.eq(b[name]);
            using var all = equal.all();
            Assert.IsTrue(all.item<bool>(), name);
        }
        Assert.AreEqual(expected.Configuration, actual.Configuration);
        Assert.IsFalse(actual.training);
    }

    public static IEnumerable<object[]> Models => [[Pruned], [SmallModels.Vit(Pooling.Mean)], [SmallModels.Swin() with { LabelNames = ["a", "b", "c", "d", "ü"] }]];

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void SaveThenLoad_InEitherFormat_GivesTheSameModelAndPlan(ModelConfiguration configuration)
    {
        using var folder = new TemporaryFolder();
        using var model = SmallModels.Random(configuration);
        foreach (string extension in new[] { ".safetensors", ".pth" })
        {
            string path = folder.File("model" + extension);
            ModelFile.Save(model, path, extraMetadata: new Dictionary<string, string> { ["plan"] = """{"method":"unified"}""" });
            using var loaded = ModelFile.Load(path);
            AreEqual(model, loaded);
            Assert.AreEqual("""{"method":"unified"}""", ModelFile.LoadPlan(path));
            using var file = CheckpointFile.Open(path);
            Assert.AreEqual("pt", file.Metadata["format"]);
        }
    }

    [TestMethod]
    [DataRow(".safetensors", ScalarType.Float16)]
    [DataRow(".pth", ScalarType.Float16)]
    [DataRow(".safetensors", ScalarType.BFloat16)]
    [DataRow(".pth", ScalarType.BFloat16)]
    public void Save_OfMatricesThatAreExactInHalfTheBytes_StoresThemSo_AndLosesNothing(string extension, ScalarType dtype)
    {
        using var folder = new TemporaryFolder();
        using var model = SmallModels.Random(Pruned);
        string full = folder.File("full" + extension), half = folder.File("half" + extension);
        ModelFile.Save(model, full);
        ModelFile.Save(model, half, dtype);
        using var rounded = ModelFile.Load(half);
        ModelFile.Save(rounded, half);
        using (var file = CheckpointFile.Open(half))
            foreach (string name in file.Names)
                Assert.AreEqual(file.ShapeOf(name).Count >= 2 ? dtype : ScalarType.Float32, file.DTypeOf(name), name);
        using (var file = CheckpointFile.Open(full))
            Assert.AreEqual(ScalarType.Float32, file.DTypeOf("blocks.0.attn.qkv.weight"));
        using var loaded = ModelFile.Load(half);
        AreEqual(rounded, loaded);
    }

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void WriteThenRead_ThroughAStreamThatCannotSeek_GivesTheSameModelAndReadsNoByteFurther(ModelConfiguration configuration)
    {
        using var model = SmallModels.Random(configuration);
        using var bytes = new MemoryStream();
        ModelFile.Write(model, bytes, extraMetadata: new Dictionary<string, string> { ["plan"] = "{}" });
        bytes.WriteByte(42);
        bytes.Position = 0;
        using var loaded = ModelFile.Read(new ForwardsOnly(bytes), out var metadata);
        AreEqual(model, loaded);
        Assert.AreEqual("{}", metadata["plan"]);
        Assert.AreEqual(42, bytes.ReadByte());
    }

    [TestMethod]
    [DataRow(ScalarType.Float16)]
    [DataRow(ScalarType.BFloat16)]
    public void Save_InHalfPrecision_LoadsAsFp32WithRoundedWeights(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var model = SmallModels.Random(SmallModels.Vit());
        ModelFile.Save(model, folder.File("a.safetensors"), dtype);
        using var loaded = ModelFile.Load(folder.File("a.safetensors"));
        using var stream = new MemoryStream();
        ModelFile.Write(model, stream, dtype);
        stream.Position = 0;
        using var read = ModelFile.Read(stream);
        var expected = model.state_dict()["head.weight"].to(dtype).to(ScalarType.Float32);
        Assert.IsTrue(expected.eq(loaded.state_dict()["head.weight"]).all().item<bool>());
        Assert.IsTrue(expected.eq(read.state_dict()["head.weight"]).all().item<bool>());
        Assert.AreEqual(ScalarType.Float32, read.state_dict()["head.weight"].dtype);
    }

    [TestMethod]
    public void Read_TruncatedOrWithoutConfiguration_Throws()
    {
        using var model = SmallModels.Random(SmallModels.Vit());
        using var stream = new MemoryStream();
        ModelFile.Write(model, stream);
        byte[] bytes = stream.ToArray();
        foreach (int length in new[] { 0, 5, 100, 1000, bytes.Length - 1 })
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => ModelFile.Read(new ForwardsOnly(new MemoryStream(bytes[..length])))).Message, "truncated");
        Assert.ThrowsExactly<InvalidDataException>(() => ModelFile.Read(new MemoryStream(SafetensorsBytes.Of("{}", 0))));
    }

    [TestMethod]
    public void Read_ConfigurationOfAnAbsurdModel_IsRefusedBeforeMemoryIsTaken()
    {
        string json = (SmallModels.Vit() with { Stages = [new StageConfiguration(60_000, [new(1000, 60, 240_000)])] }).ToJson();
        string header = $$$"""{"__metadata__":{"configuration":{{{System.Text.Json.JsonSerializer.Serialize(json)}}}},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""";
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => ModelFile.Read(new MemoryStream(SafetensorsBytes.Of(header, 0)))).Message, "weights; the file has 0");
    }

    [TestMethod]
    public void Load_WithAnotherNumberOfClasses_DrawsANewHeadFromTheSeedAndKeepsTheRest()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        foreach (var configuration in new[] { SmallModels.Vit(distilled: true), SmallModels.Swin() })
        {
            string path = folder.File("a.safetensors");
            using var model = SmallModels.Random(configuration with { LabelNames = ["a", "b", "c", "d", "e"] });
            ModelFile.Save(model, path);
            using var one = ModelFile.Load(path, new ModelLoadOptions { NumClasses = 7, Seed = 3 });
            using var same = ModelFile.Load(path, new ModelLoadOptions { NumClasses = 7, Seed = 3 });
            using var other = ModelFile.Load(path, new ModelLoadOptions { NumClasses = 7, Seed = 4 });
            using var kept = ModelFile.Load(path, new ModelLoadOptions { NumClasses = 5 });
            AreEqual(one, same);
            AreEqual(model, kept);
            string head = configuration.Family == ModelFamily.Swin ? "head.fc" : "head";
            Assert.IsFalse(one.state_dict()[head + ".weight"].eq(other.state_dict()[head + ".weight"]).any().item<bool>());
            Assert.IsFalse(one.state_dict()[head + ".bias"].any().item<bool>());
            Assert.AreEqual(0.02f, one.state_dict()[head + ".weight"].std().item<float>(), 0.005f);
            Assert.IsTrue(one.state_dict()["norm.weight"].eq(model.state_dict()["norm.weight"]).all().item<bool>());
            Assert.AreEqual(7, one.Configuration.NumClasses);
            Assert.IsNull(one.Configuration.LabelNames);
        }
    }

    [TestMethod]
    public void Load_WithAnotherImageSize_InterpolatesPositionsAndScalesTheResize()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        using var model = SmallModels.Random(SmallModels.Vit() with { Preprocessing = Preprocessing.Half with { ResizeShorterSide = 18 } });
        ModelFile.Save(model, path);
        using var larger = ModelFile.Load(path, new ModelLoadOptions { ImageSize = 32 });
        var expected = PositionEmbedding.Interpolate(model.state_dict()["pos_embed"], 1, 8);
        Assert.IsTrue(expected.eq(larger.state_dict()["pos_embed"]).all().item<bool>());
        Assert.AreEqual(36, larger.Configuration.Preprocessing.ResizeShorterSide);
        Assert.AreEqual(32, larger.Configuration.ImageSize);
        using var noGrad = no_grad();
        CollectionAssert.AreEqual(new long[] { 2, 5 }, larger.forward(zeros(2, 3, 32, 32)).shape);

        using var swin = SmallModels.Random(SmallModels.Swin());
        ModelFile.Save(swin, path);
        using var smaller = ModelFile.Load(path, new ModelLoadOptions { ImageSize = 16 }); // its last stage has 2 tokens a side, less than the window
        CollectionAssert.AreEqual(new long[] { 2, 5 }, smaller.forward(zeros(2, 3, 16, 16)).shape);
    }

    [TestMethod]
    public void Load_FileThatDoesNotSayWhatItHolds_NamesThePresetOption()
    {
        var e = Assert.ThrowsExactly<InvalidDataException>(() => ModelFile.Load(CheckpointFixtures.Of("torchvision_vit.pth")));
        StringAssert.Contains(e.Message, "--preset NAME");
        StringAssert.Contains(e.Message, "vit_tiny_patch16_224");
        StringAssert.Contains(e.Message, "torchvision_vit.pth");
    }

    [TestMethod]
    public void Load_OptionsThatAreNotValid_ListsEveryFault()
    {
        var e = Assert.ThrowsExactly<ArgumentException>(() => ModelFile.Load("none", new ModelLoadOptions { Preset = "vit_huge", NumClasses = 0, ImageSize = -1, Configuration = SmallModels.Vit() }));
        foreach (string part in new[] { "both given", "vit_huge", "NumClasses is 0", "ImageSize is -1" }) StringAssert.Contains(e.Message, part);
    }

    [TestMethod]
    public void Load_PresetThatContradictsTheFile_Throws()
    {
        using var folder = new TemporaryFolder();
        using var model = SmallModels.Random(SmallModels.Vit() with { Architecture = "vit_tiny_patch16_224" });
        ModelFile.Save(model, folder.File("a.pth"));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ModelFile.Load(folder.File("a.pth"), new ModelLoadOptions { Preset = "deit_tiny_patch16_224" })).Message, "vit_tiny_patch16_224");
        using var same = ModelFile.Load(folder.File("a.pth"), new ModelLoadOptions { Preset = "vit_tiny_patch16_224" });
        AreEqual(model, same);
    }

    [TestMethod]
    public void Save_UnknownExtensionOrReservedName_Throws()
    {
        using var folder = new TemporaryFolder();
        using var model = SmallModels.Random(SmallModels.Vit());
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ModelFile.Save(model, folder.File("a.onnx"))).Message, ".safetensors or .pth");
        Assert.ThrowsExactly<ArgumentException>(() => ModelFile.Save(model, folder.File("a.pth"), ScalarType.Int64));
        Assert.ThrowsExactly<ArgumentException>(() => ModelFile.Save(model, folder.File("a.pth"), extraMetadata: new Dictionary<string, string> { ["configuration"] = "x" }));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod, DoNotParallelize]
    public void SaveLoadReadAndFail_LeaveNoLiveTensors()
    {
        using var folder = new TemporaryFolder();
        using var model = SmallModels.Random(SmallModels.Vit(distilled: true));
        void Work()
        {
            ModelFile.Save(model, folder.File("a.pth"), ScalarType.BFloat16);
            ModelFile.Load(folder.File("a.pth"), new ModelLoadOptions { NumClasses = 3, ImageSize = 32 }).Dispose();
            using var stream = new MemoryStream();
            ModelFile.Write(model, stream, ScalarType.Float16);
            stream.Position = 0;
            ModelFile.Read(stream).Dispose();
            Assert.ThrowsExactly<InvalidDataException>(() => ModelFile.Read(new MemoryStream(stream.ToArray()[..^1])));
            Assert.ThrowsExactly<InvalidDataException>(() => ModelFile.Load(CheckpointFixtures.Of("torchvision_vit.pth"), new ModelLoadOptions { Configuration = SmallModels.Vit() }));
        }
        Work();
        GC.Collect(); // what other tests left to finalizers goes now, not between the counts
        GC.WaitForPendingFinalizers();
        long before = LiveTensors.AfterCollection();
        Work();
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void Load_ManyFaults_ListsTwentyAndCountsTheRest()
    {
        using var folder = new TemporaryFolder();
        using var t = ones(1);
        SafetensorsWriter.Write(folder.File("a.safetensors"), [("x", t)], new Dictionary<string, string> { ["architecture"] = "vit_tiny_patch16_224.augreg_in21k_ft_in1k" });
        var e = Assert.ThrowsExactly<InvalidDataException>(() => ModelFile.Load(folder.File("a.safetensors")));
        StringAssert.Contains(e.Message, "and 133 more"); // 152 missing, 1 left over
        Assert.HasCount(22, e.Message.Split('\n'));
    }

    /// <summary>Hides what a zip's stream does not have.</summary>
    private sealed class ForwardsOnly(Stream inner) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, Math.Min(count, 1000));
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
