using System.Text.Json.Nodes;

namespace MLNet.ViTPruning.Tests.Cli;

[TestClass]
public sealed class PruningCommandTests : CliTests
{
    [TestMethod]
    public void Score_WritesWhatPruneUses_AndAPlanGivesTheSameModelAgain()
    {
        string scores = Workspace["scores.json"], first = Workspace["first.safetensors"], plan = Workspace["plan.json"];
        string[] how = ["--method", "unified", "--data", Workspace.Data, "--proxy-images", "12", "--mlp-keep-ratio", "0.75", "--exact-images", "6", "--seed", "2"];
        var scored = CliProcess.Json(["score", Workspace.ModelPath, "--out", scores, .. how]);
        Assert.AreEqual("auto", (string)scored["importance"]!);
        Assert.AreEqual(2 * (16 + 32), (int)scored["channels"]!);
        Assert.IsTrue((int)scored["exactChannels"]! > 0);
        Assert.IsTrue((double)scored["expectedSeconds"]!["fisher"]! >= 0 && scored["expectedSeconds"]!["exact"] is not null);
        foreach (string component in (string[])["attention", "mlp"])
            Assert.IsTrue(scored["stability"]![component]!.AsArray().Select(value => (double)value!).ToList() is { Count: 2 } values && values.All(value => value is >= -1 and <= 1));

        var pruned = CliProcess.Json(["prune", Workspace.ModelPath, "--out", first, "--scores", scores, "--save-plan", plan, .. how]);
        Assert.IsNull(pruned["expectedSeconds"], "the scores were there");
        Assert.AreEqual(scored["stability"]!.ToJsonString(), pruned["stability"]!.ToJsonString());
        Assert.AreEqual("least-squares", (string)pruned["recovery"]!["method"]!);
        Assert.IsTrue((double)pruned["recovery"]!["errorAfter"]! < (double)pruned["recovery"]!["errorBefore"]!);
        var block = pruned["blocks"]![1]!;
        Assert.IsTrue((int)block["headDimBefore"]! == 8 && (int)block["headDim"]! == 6 && (int)block["mlpHiddenDimBefore"]! == 32 && (int)block["mlpHiddenDim"]! == 24);
        Assert.IsTrue((double)block["mlpError"]! < (double)block["mlpErrorBefore"]!);

        foreach (string source in (string[])[plan, first])
        {
            string again = Workspace["again.safetensors"];
            var applied = CliProcess.Json("prune", Workspace.ModelPath, "--plan", source, "--data", Workspace.Data, "--seed", "2", "--out", again);
            CollectionAssert.AreEqual(File.ReadAllBytes(first), File.ReadAllBytes(again), source);
            Assert.AreEqual("auto", (string)applied["importance"]!);
        }
        var bare = CliProcess.Json("prune", Workspace.ModelPath, "--plan", plan, "--recovery", "none", "--out", Workspace["bare.zip"]);
        Assert.AreEqual((long)pruned["after"]!["parameters"]!, (long)bare["after"]!["parameters"]!);
        Assert.IsNull(bare["recovery"]!["errorAfter"]);
    }

    [TestMethod]
    [DataRow("--embed-keep-ratio 0.5 --attention-keep-ratio 1 --mlp-keep-ratio 1 --importance fisher", 8, 2, 8, 32)]
    [DataRow("--heads 1 --attention-keep-ratio 0.5 --importance taylor", 16, 1, 8, 16)]
    [DataRow("--width-multiple 8 --mlp-keep-ratio 0.6 --attention-keep-ratio 1 --importance exact", 16, 2, 8, 16)]
    [DataRow("--importance random --recovery none", 16, 2, 6, 16)]
    [DataRow("--importance magnitude --recovery none", 16, 2, 6, 16)]
    public void Prune_ByEveryKindOfSize_GivesIt(string words, int width, int heads, int headDim, int hidden)
    {
        string[] images = words.Contains("none") ? [] : ["--data", Workspace.Data, "--recovery-images", "8"];
        string[] proxies = images.Length == 0 ? [] : ["--proxy-images", "8"];
        var json = CliProcess.Json(["prune", Workspace.ModelPath, "--out", Workspace["p.safetensors"], .. words.Split(' '), .. images, .. proxies]);
        foreach (var block in json["blocks"]!.AsArray())
        {
            CollectionAssert.AreEqual(new[] { 16, width, heads, headDim, hidden },
                ((string[])["embedDimBefore", "embedDim", "heads", "headDim", "mlpHiddenDim"]).Select(name => (int)block![name]!).ToArray());
            Assert.IsTrue((long)block!["macs"]! < (long)block["macsBefore"]!);
        }
        Assert.IsNull(CliProcess.Json("inspect", Workspace["p.safetensors"])["shapeOf"]);
    }

    [TestMethod]
    public void Prune_ByDepth_SavesThePlanThatInspectShows()
    {
        string target = Workspace["depth.safetensors"];
        var json = CliProcess.Json("prune", Workspace.ModelPath, "--method", "depth", "--remove-blocks", "1", "--data", Workspace.Data, "--proxy-images", "8", "--recovery", "none", "--out", target);
        Assert.AreEqual("depth", (string)json["method"]!);
        Assert.AreEqual(3, (int)json["removals"]![0]!["candidates"]!);
        Assert.HasCount(1, json["blocks"]!.AsArray());
        Assert.AreEqual("none", (string)json["recovery"]!["method"]!);
        var inspected = CliProcess.Json("inspect", target);
        Assert.HasCount(2, inspected["pruning"]!["removed"]!.AsArray());
        Assert.HasCount(1, inspected["blocks"]!.AsArray());
        string again = Workspace["again.safetensors"];
        var applied = CliProcess.Json("prune", Workspace.ModelPath, "--plan", target, "--recovery", "none", "--out", again);    // no images are needed
        Assert.AreEqual("depth", (string)applied["method"]!);
        CollectionAssert.AreEqual(File.ReadAllBytes(target), File.ReadAllBytes(again));
        var refused = CliProcess.Run("prune", target, "--plan", target, "--recovery", "none", "--recovery-images", "2", "--seed", "1", "--fine-tune-lr", "1", "--out", again);
        Assert.AreEqual(2, refused.Code);
        foreach (string mention in (string[])["--recovery", "--recovery-images", "--seed", "--fine-tune-lr"]) StringAssert.Contains(refused.Error, mention);
        var other = CliProcess.Run("prune", target, "--plan", target, "--recovery", "none", "--out", again);
        Assert.AreEqual(2, other.Code);
        StringAssert.Contains(other.Error, "cannot be removed");
    }

    [TestMethod]
    public void Prune_ByChannelsThenByDepth_KeepsBothPlans_WhichAreAppliedTogetherOrFromTheMiddle()
    {
        string channels = Workspace["channels.safetensors"], both = Workspace["both.safetensors"], plan = Workspace["both.json"], again = Workspace["again.safetensors"];
        CliProcess.Json("prune", Workspace.ModelPath, "--importance", "magnitude", "--recovery-images", "8", "--data", Workspace.Data, "--out", channels);
        CliProcess.Json("prune", channels, "--method", "depth", "--remove-blocks", "1", "--proxy-images", "8", "--recovery-images", "8", "--data", Workspace.Data, "--save-plan", plan, "--out", both);
        var pruning = CliProcess.Json("inspect", both)["pruning"]!;
        Assert.AreEqual(("depth", "unified", "magnitude"), ((string)pruning["method"]!, (string)pruning["before"]!["method"]!, (string)pruning["before"]!["importance"]!));
        var whole = CliProcess.Json("prune", Workspace.ModelPath, "--plan", plan, "--recovery-images", "8", "--data", Workspace.Data, "--out", again);
        CollectionAssert.AreEqual(new[] { "unified", "depth" }, whole["plans"]!.AsArray().Select(method => (string)method!).ToArray());
        CollectionAssert.AreEqual(File.ReadAllBytes(both), File.ReadAllBytes(again));
        CliProcess.Json("prune", channels, "--plan", both, "--recovery-images", "8", "--data", Workspace.Data, "--out", again);
        CollectionAssert.AreEqual(File.ReadAllBytes(both), File.ReadAllBytes(again));
    }

    [TestMethod]
    public void Prune_ByDepth_TrainsAfterEveryRemovalWhereAsked()
    {
        string[] how = ["--method", "depth", "--remove-blocks", "1", "--data", Workspace.Data, "--proxy-images", "8", "--out", Workspace["tuned.safetensors"]];
        var json = CliProcess.Json(["prune", Workspace.ModelPath, .. how, "--fine-tune-epochs", "2", "--fine-tune-images", "12", "--fine-tune-lr", "1e-3"]);
        Assert.AreEqual((2, 12, 1e-3), ((int)json["fineTune"]!["epochs"]!, (int)json["fineTune"]!["images"]!, (double)json["fineTune"]!["learningRate"]!));
        CliProcess.Json("prune", Workspace.ModelPath, "--plan", Workspace["tuned.safetensors"], "--data", Workspace.Data, "--out", Workspace["cut.safetensors"]);
        CollectionAssert.AreNotEqual(File.ReadAllBytes(Workspace["cut.safetensors"]), File.ReadAllBytes(Workspace["tuned.safetensors"]), "what was trained is no part of the plan");
    }

    [TestMethod]
    public void Score_OfABaseline_IsUsedByItAloneAgain()
    {
        string scores = Workspace["magnitude.json"], target = Workspace["small.safetensors"];
        CliProcess.Json("score", Workspace.ModelPath, "--importance", "magnitude", "--data", Workspace.Data, "--out", scores);
        byte[] before = File.ReadAllBytes(scores);
        CliProcess.Json("prune", Workspace.ModelPath, "--importance", "magnitude", "--scores", scores, "--recovery", "none", "--out", target);    // no images are looked at
        var refused = CliProcess.Run("prune", Workspace.ModelPath, "--importance", "taylor", "--scores", scores, "--data", Workspace.Data, "--out", target);
        Assert.AreEqual(2, refused.Code);
        StringAssert.Contains(refused.Error, "'magnitude', not 'taylor'");
        CollectionAssert.AreEqual(before, File.ReadAllBytes(scores));
    }

    [TestMethod]
    public void Prune_ByABudgetForTheWholeModel_StaysWithinIt()
    {
        string[] how = ["--data", Workspace.Data, "--proxy-images", "6", "--importance", "fisher", "--recovery", "mean-shift", "--recovery-images", "4"];
        var macs = CliProcess.Json(["prune", Workspace.ModelPath, "--out", Workspace["macs.safetensors"], "--budget-macs", "0.7", .. how]);
        Assert.IsTrue(Share(macs, "macs") is > 0.6 and <= 0.7, $"{Share(macs, "macs")}");
        Assert.AreEqual(0.7, (double)macs["budget"]!["macs"]!);
        Assert.AreEqual(4, (int)macs["recovery"]!["images"]!);
        var parameters = CliProcess.Json(["prune", Workspace.ModelPath, "--out", Workspace["parameters.safetensors"], "--budget-parameters", "0.8", .. how]);
        Assert.IsTrue(Share(parameters, "parameters") is > 0.7 and <= 0.8, $"{Share(parameters, "parameters")}");
    }

    [TestMethod]
    public void Prune_ByStructuredDimap_LooksAtNoImages_AndItsPlanGivesTheSameModelAgain()
    {
        string first = Workspace["structured.safetensors"], again = Workspace["structured-again.safetensors"], plan = Workspace["structured.json"];
        var json = CliProcess.Json("prune", Workspace.ModelPath, "--method", "dimap-structured", "--attention-unit", "heads", "--attention-keep-ratio", "0.75", "--mlp-keep-ratio", "0.5", "--out", first, "--save-plan", plan);
        Assert.AreEqual("dimap-structured", (string)json["method"]!);
        Assert.AreEqual("relative-distortion", (string)json["importance"]!);
        Assert.AreEqual("none", (string)json["recovery"]!["method"]!);
        var blocks = json["blocks"]!.AsArray();
        Assert.AreEqual(3, blocks.Sum(block => (int)block!["heads"]!));              // of four
        Assert.AreEqual(32, blocks.Sum(block => (int)block!["mlpHiddenDim"]!));      // of 64, over both blocks
        Assert.AreEqual(64, blocks.Sum(block => (int)block!["mlpHiddenDimBefore"]!));
        CliProcess.Json("prune", Workspace.ModelPath, "--plan", plan, "--recovery", "none", "--out", again);
        CollectionAssert.AreEqual(File.ReadAllBytes(first), File.ReadAllBytes(again));
        Assert.AreEqual("dimap-structured", (string)CliProcess.Json("inspect", first)["pruning"]!["method"]!);

        var macs = CliProcess.Json("prune", Workspace.ModelPath, "--method", "dimap-structured", "--budget-macs", "0.7", "--recovery", "least-squares", "--recovery-images", "8",
            "--data", Workspace.Data, "--out", Workspace["structured-macs.safetensors"]);
        Assert.IsTrue(Share(macs, "macs") is > 0.6 and <= 0.7, $"{Share(macs, "macs")}");
        Assert.AreEqual(8, (int)macs["recovery"]!["images"]!);
        Assert.IsNull(macs["mlpKeepRatio"]);
    }

    [TestMethod]
    public void Prune_OfDeadGroups_CountsThem_AndTheModelScoresTheSame()
    {
        string masked = Workspace["masked.safetensors"], smaller = Workspace["smaller.safetensors"];
        using (var model = Checkpoints.ModelFile.Load(Workspace.ModelPath))
        {
            using var noGrad = TorchSharp.torch.no_grad();
            model.state_dict()["blocks.1.mlp.fc1.weight"].narrow(0, 4, 6).zero_();
            Checkpoints.ModelFile.Save(model, masked);
        }
        var json = CliProcess.Json("prune", masked, "--method", "dead-groups", "--out", smaller);
        Assert.AreEqual(6, (int)json["dead"]!["mlpChannels"]!);
        Assert.AreEqual(0, (int)json["dead"]!["heads"]!);
        Assert.AreEqual(26, (int)json["blocks"]![1]!["mlpHiddenDim"]!);
        Assert.AreEqual("dead-groups", (string)CliProcess.Json("inspect", smaller)["pruning"]!["method"]!);
        double Top1(string path) => (double)CliProcess.Json("evaluate", path, "--data", Workspace.Data, "--split", "test")["top1"]!;
        Assert.AreEqual(Top1(masked), Top1(smaller));
        StringAssert.Contains(CliProcess.Run("prune", Workspace.ModelPath, "--plan", smaller, "--recovery", "none", "--out", Workspace["no.safetensors"]).Error, "dead groups");
    }

    // What has no effect is refused by name, all of it in one sentence; O stands for --out p.safetensors.
    [TestMethod]
    [DataRow("prune --data DATA O --importance magnitude --exact-images 5 --exact-image-passes 9 --proxy-images 8 --recovery none --recovery-images 3 --remove-blocks 1 --fine-tune-epochs 1 --split all",
        "--exact-images --exact-image-passes --proxy-images magnitude --recovery-images --remove-blocks --fine-tune-epochs --split")]
    [DataRow("prune --data DATA O --target deit_tiny_patch16_224 --budget-macs 1 --heads 1 --width-multiple 8 --mlp-keep-ratio 1", "--budget-macs --heads --width-multiple --mlp-keep-ratio --target")]
    [DataRow("prune --data DATA O --budget-macs 1 --budget-parameters 1 --attention-keep-ratio 1", "--budget-macs --budget-parameters --attention-keep-ratio")]
    [DataRow("prune O --method depth --importance fisher --recovery none --recovery-images 3 --mlp-keep-ratio 1 --scores s.json --fine-tune-images 4", "--importance --recovery-images --mlp-keep-ratio --scores --remove-blocks --macs-keep-ratio --fine-tune-images --fine-tune-epochs --data")]
    [DataRow("prune O --plan missing.json --importance fisher --embed-keep-ratio 1 --proxy-images 4", "missing.json --importance --embed-keep-ratio --proxy-images --data")]
    [DataRow("prune --data DATA O --importance random --exact-images 4 --save-plan none/plan.json", "--exact-images none")]
    [DataRow("prune --data DATA O --method dimap-structured --recovery-images 4 --seed 1 --importance fisher --heads 1 --embed-keep-ratio 1 --target deit_tiny_patch16_224 --budget-macs 1 --mlp-keep-ratio 1",
        "--data --recovery-images --seed --importance --heads --embed-keep-ratio --target --mlp-keep-ratio budget")]
    [DataRow("prune O --method dimap-structured --recovery mean-shift --plan p.json --proxy-images 4 --attention-unit heads", "--data --plan --proxy-images")]
    [DataRow("prune --data DATA O --method dead-groups --mlp-keep-ratio 1 --attention-unit heads --seed 1", "--data --mlp-keep-ratio --attention-unit --seed")]
    [DataRow("prune --data DATA O --attention-unit heads --importance fisher", "--attention-unit unified")]
    [DataRow("score --data DATA --out none/s.json --importance fisher --mlp-keep-ratio 1 --exact-images 4", "none --mlp-keep-ratio --exact-images")]
    [DataRow("score --data DATA --out s.json --importance random --mlp-keep-ratio 1 --proxy-images 4", "--mlp-keep-ratio --proxy-images random")]
    public void AllThatHasNoEffectIsToldAtOnce(string arguments, string mentions)
    {
        string[] words = [.. arguments.Replace(" O", " --out p.safetensors").Split(' ').Select(word => word switch
        {
            "DATA" => Workspace.Data,
            _ when word.Contains('.') => Workspace[word],
            _ => word,
        })];
        var result = CliProcess.Run([words[0], Workspace.ModelPath, .. words[1..]]);
        Assert.AreEqual(2, result.Code, result.Error);
        Assert.AreEqual("", result.Output);
        Assert.AreEqual(1, result.Error.TrimEnd('\n').Split('\n').Length, result.Error);
        foreach (string mention in mentions.Split(' ')) StringAssert.Contains(result.Error, mention);
        Assert.IsFalse(File.Exists(Workspace["p.safetensors"]));
    }

    private static double Share(JsonObject json, string count) => (double)json["after"]![count]! / (double)json["before"]![count]!;
}
