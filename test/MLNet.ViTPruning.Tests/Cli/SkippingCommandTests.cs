using System.Text.Json.Nodes;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Tests.Cli;

[TestClass]
public sealed class SkippingCommandTests : CliTests
{
    // Large enough that a scorer costs less than what it saves.
    private static readonly ModelConfiguration Sizes = new()
    {
        Family = ModelFamily.Vit,
        ImageSize = 32,
        PatchSize = 8,
        NumClasses = 100,
        Preprocessing = Preprocessing.Half,
        Stages = [new StageConfiguration(64, [.. Enumerable.Repeat(new BlockConfiguration(4, 16, 128), 4)])],
    };

    private string Dense
    {
        get
        {
            string path = Workspace["dense.safetensors"];
            using var model = VisionModel.Create(Sizes, seed: 2);
            ModelFile.Save(model, path);
            return path;
        }
    }

    private JsonObject Train(string target, params string[] more) => CliProcess.Json(
        ["skip", "train", Dense, "--data", Workspace.Data, "--first-layer", "1", "--scorer-epochs", "1", "--epochs", "1", "--batch", "8", "--warmup-epochs", "0", "--threads", "1", "--seed", "3",
            "--validation", "validation", "--calibration-images", "16", "--out", Workspace[target], .. more]);

    [TestMethod]
    [DataRow("learned", "skipping.safetensors")]
    [DataRow("merging", "merging.zip")]
    public void Train_Evaluate_TellTheSameModel(string method, string target)
    {
        var trained = Train(target, "--method", method, "--target-macs-saved", "0.2");
        Assert.AreEqual((method, 1), ((string)trained["method"]!, (int)trained["epochs"]!));
        Assert.AreEqual(0.2, (double)trained["macsSaved"]!, 0.05);
        var measured = CliProcess.Json("skip", "evaluate", Workspace[target], "--data", Workspace.Data, "--batch", "4");
        Assert.AreEqual((method, 20), ((string)measured["method"]!, (int)measured["images"]!));
        var layers = measured["layers"]!.AsArray();
        Assert.HasCount(2, layers);
        Assert.AreEqual(1 - (double)measured["executedMacs"]! / (long)measured["denseExecutedMacs"]!, (double)measured["macsSaved"]!, 1e-4);
        foreach (var layer in layers)
        {
            Assert.IsTrue((double)layer!["keptShare"]! is >= 0 and <= 1);
            Assert.AreEqual(method == "learned", layer["balancedAccuracy"] is not null);
        }
    }

    [TestMethod]
    public void Train_TeachesImportance_OrScaledCosinesOfEveryLayersOwn_OrOneForAll()
    {
        JsonNode How(string target, params string[] more) => Train(target, ["--stages", "scorers", "--target-macs-saved", "0.2", .. more])["patchSkipping"]!;
        IEnumerable<JsonNode?> Cosines(JsonNode how) => how["layers"]!.AsArray().Select(layer => layer!["scaledCosineThreshold"]);
        var important = How("importance.safetensors");
        Assert.AreEqual(("importance", true), ((string)important["labels"]!, (bool)important["shiftsIdle"]!));
        Assert.IsTrue((double)important["importanceThreshold"]! is > 0 and < 1);
        var own = How("own.safetensors", "--labels", "scaled-cosine", "--idle", "unchanged");
        Assert.AreEqual(("scaledCosine", false), ((string)own["labels"]!, (bool)own["shiftsIdle"]!));
        Assert.AreEqual(2, Cosines(own).Select(value => (double)value!).Distinct().Count());
        var same = How("same.safetensors", "--labels", "scaled-cosine", "--scaled-cosine-threshold", "0.97");
        Assert.IsTrue(Cosines(same).All(value => value is null));
        Assert.AreEqual(0.97, (double)same["scaledCosineThreshold"]!);
    }

    [TestMethod]
    public void Train_ForTime_SaysWhatItComesTo()
    {
        // What an earlier start measured: no time is measured here.
        string run = Workspace["timed"];
        Directory.CreateDirectory(run);
        File.WriteAllText(Path.Combine(run, "time-target.json"), """{"timeSaved":0.1,"measuredTimeSaved":0.12,"macsSaved":0.2,"batchSize":32}""");
        var trained = Train("timed.safetensors", "--stages", "scorers", "--target-time-saved", "0.1", "--run", run, "--resume");
        Assert.AreEqual((0.1, 0.2), ((double)trained["targetTimeSaved"]!, (double)trained["targetMacsSaved"]!));
    }

    [TestMethod]
    [DataRow("random")]
    [DataRow("class-attention")]
    [DataRow("merging")]
    public void Evaluate_OfADenseModel_ByAnotherMethod_SavesTheTarget(string method)
    {
        var json = CliProcess.Json("skip", "evaluate", Dense, "--data", Workspace.Data, "--method", method, "--target-macs-saved", "0.2", "--first-layer", "1");
        Assert.IsTrue((double)json["macsSaved"]! >= 0.2);
        Assert.AreEqual(method, (string)json["method"]!);
    }

    [TestMethod]
    public void Explain_DrawsEveryImage()
    {
        Train("explained.safetensors", "--stages", "scorers", "--target-macs-saved", "0.2");
        byte[] pixels = new byte[40 * 30 * 3];
        new Random(1).NextBytes(pixels);
        foreach (string name in (string[])["one.png", "two.png"]) PngFile.Save(new RgbImage(40, 30, pixels), Workspace[name]);
        string folder = Workspace["pictures"];
        var json = CliProcess.Json("explain", Workspace["explained.safetensors"], Workspace["one.png"], Workspace["two.png"], "--out", folder);
        Assert.HasCount(2, json["images"]!.AsArray());
        string[] expected = ["one.depth.png", "one.depth.svg", "one.layers.png", "one.layers.svg", "one.similarity.png", "one.similarity.svg", "similarity.png", "similarity.svg", "two.depth.png", "two.depth.svg", "two.layers.png", "two.layers.svg", "two.similarity.png", "two.similarity.svg"];
        CollectionAssert.AreEqual(expected, Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray());
        Assert.IsTrue((long)json["images"]![0]!["executedMacs"]! < (long)json["denseExecutedMacs"]!);
    }

    [TestMethod]
    [DataRow("skip evaluate MODEL --data DATA", "skips no patches")]
    [DataRow("skip evaluate MODEL --data DATA --method random", "--target-macs-saved is missing")]
    [DataRow("skip evaluate MODEL --data DATA --method learned --target-macs-saved 0.2", "--method is 'learned'")]
    [DataRow("skip evaluate MODEL --data DATA --target-macs-saved 0.2", "no effect without --method")]
    [DataRow("skip train MODEL --data DATA --out s.safetensors --target-macs-saved 1", "--target-macs-saved is '1'")]
    [DataRow("skip train MODEL --data DATA --out s.safetensors --target-macs-saved 0.2 --target-time-saved 0.2", "set one of them")]
    [DataRow("skip train MODEL --data DATA --out s.safetensors --labels importance --scaled-cosine-threshold 0.9", "ScaledCosine only")]
    [DataRow("skip train MODEL --data DATA --out s.safetensors --first-layer 7", "FirstLayer is 7")]
    [DataRow("explain MODEL missing.png --out pictures", "missing.png")]
    [DataRow("explain MODEL model.safetensors --out pictures", "skips no patches")]
    public void WrongInput_IsOneSentence(string arguments, string mentions)
    {
        var result = CliProcess.Run([.. arguments.Split(' ').Select(Resolve)]);
        Assert.AreEqual(2, result.Code, result.Error);
        Assert.AreEqual("", result.Output);
        StringAssert.Contains(result.Error, mentions);
        Assert.IsFalse(result.Error.Contains("   at ", StringComparison.Ordinal), result.Error);
    }
}
