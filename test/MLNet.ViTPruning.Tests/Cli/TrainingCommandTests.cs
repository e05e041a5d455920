using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace MLNet.ViTPruning.Tests.Cli;

[TestClass]
public sealed class TrainingCommandTests : CliTests
{
    [TestMethod]
    public void Train_OfAPreset_WritesAModelAndPrintsItsReport()
    {
        string target = Workspace["preset.safetensors"];
        var json = CliProcess.Json("train", "--preset", "vit_patch4_32", "--data", Workspace.Data, "--first", "16", "--validation", "none", "--batch", "8",
            "--epochs", "1", "--augment", "cifar", "--drop-path", "0.1", "--ema", "0.9", "--clip", "none", "--threads", "1", "--seed", "5", "--out", target);
        Assert.AreEqual((16, 2, 1, 5), ((int)json["images"]!, (int)json["steps"]!, (int)json["bestEpoch"]!, (int)json["seed"]!));
        Assert.IsNull(json["validationAccuracy"]);
        foreach (string number in (string[])["trainLoss", "imagesPerSecond", "seconds", "cpuSeconds", "cpuUse", "peakMemoryBytes"]) Assert.IsTrue((double)json[number]! > 0, number);
        foreach (string field in (string[])["model", "architecture", "parameters", "out", "run", "data", "split", "validationImages", "end", "epochs", "inputWaitShare", "skippedSteps",
            "resumedFromStep", "dtype", "computedIn", "device", "threads"]) Assert.IsTrue(json.ContainsKey(field), field);
        Assert.AreEqual((long)json["parameters"]!, (long)CliProcess.Json("inspect", target)["parameters"]!);
    }

    [TestMethod]
    public void Train_FillsTheRunsFolder_WhichIsNotOverwrittenButGoneOnWith()
    {
        string target = Workspace["filled.zip"], folder = Workspace["filled.run"];
        string[] command = ["train", Workspace.ModelPath, "--data", Workspace.Data, "--validation", "validation", "--epochs", "3", "--batch", "16", "--lr", "1e-4", "--out", target];
        var first = CliProcess.Json(command);
        string[] rows = File.ReadAllLines(Path.Combine(folder, "metrics.csv"));
        Assert.HasCount(1 + 3, rows);
        Assert.AreEqual("3", rows[3].Split(',')[0]);
        XDocument.Load(Path.Combine(folder, "curves.svg"));
        Assert.AreEqual((int)first["bestEpoch"]!, (int)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "report.json")))!["bestEpoch"]!);
        Assert.AreEqual((double)first["validationAccuracy"]!, double.Parse(rows[(int)first["bestEpoch"]!].Split(',')[Array.IndexOf(rows[0].Split(','), "validationAccuracy")], CultureInfo.InvariantCulture), 1e-4);
        Assert.AreEqual((long)first["parameters"]!, (long)CliProcess.Json("inspect", Path.Combine(folder, "best.safetensors"))["parameters"]!);
        Assert.AreEqual(20, (int)CliProcess.Json("evaluate", target, "--data", Workspace.Data)["images"]!);

        var refused = CliProcess.Run(command);
        Assert.AreEqual(2, refused.Code);
        StringAssert.Contains(refused.Error, "--resume");
        var again = CliProcess.Json([.. command, "--resume"]);    // nothing is left to do
        Assert.AreEqual((long)first["steps"]!, (long)again["resumedFromStep"]!);
        Assert.AreEqual((double)first["trainLoss"]!, (double)again["trainLoss"]!);
    }

    [TestMethod]
    public void Train_ThatIsInterrupted_GoesOnToTheSameWeights()
    {
        string Out(string name) => Workspace[name + ".safetensors"];
        string[] Command(string name) => ["train", Workspace.ModelPath, "--data", Workspace.Data, "--epochs", "40", "--batch", "4", "--augment", "cifar-strong", "--threads", "1",
            "--checkpoint-steps", "5", "--out", Out(name)];
        var whole = CliProcess.Json(Command("whole"));
        string metrics = Path.Combine(Workspace["parts.run"], "metrics.csv");
        var interrupted = CliProcess.RunUntil(() => File.Exists(metrics), Command("parts"));
        Assert.AreEqual(130, interrupted.Code, interrupted.Error);
        StringAssert.Contains(interrupted.Error, "Go on with: vitprune train");
        Assert.IsFalse(File.Exists(Out("parts")));
        var rest = CliProcess.Json([.. Command("parts"), "--resume"]);
        Assert.IsTrue((long)rest["resumedFromStep"]! > 0);
        Assert.AreEqual((long)whole["steps"]!, (long)rest["steps"]!);
        CollectionAssert.AreEqual(File.ReadAllBytes(Out("whole")), File.ReadAllBytes(Out("parts")));
    }

    [TestMethod]
    public void Distill_TrainsAPrunedModelAgainstItsTeacher()
    {
        string pruned = Workspace["small.safetensors"], target = Workspace["distilled.safetensors"];
        CliProcess.Json("prune", Workspace.ModelPath, "--data", Workspace.Data, "--out", pruned, "--proxy-images", "8");
        var json = CliProcess.Json("distill", pruned, "--teacher", Workspace.ModelPath, "--data", Workspace.Data, "--kind", "soft", "--alpha", "2", "--temperature", "2", "--label-weight", "0.5", "--hidden-weight", "3",
            "--epochs", "2", "--batch", "8", "--limit", "20", "--early-stopping", "2", "--out", target);
        Assert.AreEqual((0.5, 3.0), ((double)json["labelWeight"]!, (double)json["hiddenWeight"]!));
        Assert.AreEqual(("soft", 2.0, 2.0, 20), ((string)json["kind"]!, (double)json["alpha"]!, (double)json["temperature"]!, (int)json["images"]! + (int)json["validationImages"]!));
        var inspected = CliProcess.Json("inspect", target);
        Assert.AreEqual("unified", (string)inspected["pruning"]!["method"]!);    // how it was pruned stays known
        Assert.AreEqual((long)CliProcess.Json("inspect", pruned)["parameters"]!, (long)inspected["parameters"]!);
    }

    [TestMethod]
    public void Distill_ByName_TrainsRandomWeightsAgainstATeacherOfCleanImages()
    {
        string target = Workspace["by-name.safetensors"], outputs = Workspace["said.safetensors"];
        var json = CliProcess.Json("distill", "vit_patch4_32", "--teacher", Workspace.ModelPath, "--teacher-view", "clean", "--teacher-outputs", outputs,
            "--data", Workspace.Data, "--augment", "cifar-strong", "--epochs", "1", "--batch", "8", "--limit", "16", "--validation", "none", "--out", target);
        Assert.AreEqual(("clean", 16), ((string)json["teacherView"]!, (int)json["images"]!));
        Assert.IsTrue(File.Exists(outputs));
        var (student, teacher) = (CliProcess.Json("inspect", target)["configuration"]!, CliProcess.Json("inspect", Workspace.ModelPath)["configuration"]!);
        Assert.AreEqual(32, (int)student["imageSize"]!);
        Assert.AreEqual((int)teacher["numClasses"]!, (int)student["numClasses"]!);
    }
}
