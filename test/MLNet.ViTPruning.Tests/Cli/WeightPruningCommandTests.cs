using System.Xml.Linq;

namespace MLNet.ViTPruning.Tests.Cli;

[TestClass]
public sealed class WeightPruningCommandTests : CliTests
{
    [TestMethod]
    [DataRow("dimap", "module", "masked.safetensors")]
    [DataRow("magnitude", "global", "masked.zip")]
    public void Prune_WithoutData_MasksWeights_AndTellsWhatIsLeft(string method, string scope, string name)
    {
        string target = Workspace[name];
        var json = CliProcess.Json("prune", Workspace.ModelPath, "--method", method, "--scope", scope, "--ratio", "0.5", "--out", target);

        Assert.AreEqual((method, scope), ((string)json["method"]!, (string)json["scope"]!));
        Assert.AreEqual(0.5, (double)json["ratio"]!);
        StringAssert.Contains((string)json["speed"]!, "no speed-up");
        Assert.HasCount(3, json["modules"]!.AsArray());
        Assert.HasCount(8, json["tensors"]!.AsArray());
        var (before, after) = (json["before"]!, json["after"]!);
        Assert.AreEqual((long)before["parameters"]!, (long)after["parameters"]!);
        Assert.AreEqual((long)before["nonzeroParameters"]! - json["tensors"]!.AsArray().Sum(t => (long)t!["removed"]!), (long)after["nonzeroParameters"]!);
        Assert.IsTrue((long)after["nonzeroMacs"]! < (long)after["macs"]! && (long)after["nominalMacs"]! < (long)after["macs"]!);

        var inspected = CliProcess.Json("inspect", target);
        Assert.AreEqual(method, (string)inspected["pruning"]!["method"]!);
        Assert.AreEqual((long)after["nonzeroMacs"]!, (long)inspected["nonzeroMacs"]!);
        Assert.AreEqual(json["tensors"]!.AsArray().Sum(t => (long)t!["removed"]!), inspected["masks"]!.AsArray().Sum(t => (long)t!["masked"]!));
        var evaluated = CliProcess.Json("evaluate", target, "--data", Workspace.Data);
        Assert.AreEqual((long)after["nonzeroParameters"]!, (long)evaluated["nonzeroParameters"]!);
        Assert.AreEqual((long)after["nonzeroMacs"]!, (long)evaluated["nonzeroMacs"]!);
    }

    [TestMethod]
    public void Distill_OfAMaskedModel_KeepsItsMasks()
    {
        string masked = Workspace["before.safetensors"], trained = Workspace["after.safetensors"];
        var before = CliProcess.Json("prune", Workspace.ModelPath, "--method", "dimap", "--ratio", "0.4", "--out", masked);
        CliProcess.Json("distill", masked, "--teacher", Workspace.ModelPath, "--data", Workspace.Data, "--validation", "none", "--epochs", "2", "--batch", "8", "--lr", "1e-3", "--out", trained);
        var (was, isNow) = (CliProcess.Json("inspect", masked), CliProcess.Json("inspect", trained));
        Assert.AreEqual(was["masks"]!.ToJsonString(), isNow["masks"]!.ToJsonString());
        Assert.IsTrue((long)isNow["parameters"]! - (long)isNow["nonzeroParameters"]! >= before["tensors"]!.AsArray().Sum(t => (long)t!["removed"]!));
    }

    [TestMethod]
    public void Compare_WritesTheCurve()
    {
        string folder = Workspace["comparison"];
        var json = CliProcess.Json("compare", Workspace.ModelPath, "--data", Workspace.Data, "--methods", "dimap,magnitude-uniform", "--ratios", "0.4,0.2", "--out", folder, "--batch", "10");

        string[] rows = File.ReadAllLines(Path.Combine(folder, "comparison.csv"));
        CollectionAssert.AreEqual(new[] { "method,removed", "dense,0", "dimap,0.2", "dimap,0.4", "magnitude-uniform,0.2", "magnitude-uniform,0.4" }, rows.Select(row => string.Join(',', row.Split(',')[..2])).ToArray());
        Assert.IsTrue(rows.Skip(1).All(row => row.Split(',')[5] == "20"));
        Assert.HasCount(5, json["points"]!.AsArray());
        Assert.AreEqual((double)json["points"]![2]!["top1"]!, double.Parse(rows[3].Split(',')[6], System.Globalization.CultureInfo.InvariantCulture));
        double left = (double)json["points"]![2]!["nonzeroParameters"]! - (double)json["points"]![0]!["nonzeroParameters"]!;
        Assert.AreEqual(-0.4, left / (double)json["parameters"]!, 0.002);
        Assert.HasCount(1 + 4 * 8, File.ReadAllLines(Path.Combine(folder, "layers.csv")));
        var svg = XDocument.Load(Path.Combine(folder, "comparison.svg"));
        Assert.AreEqual(2, svg.Descendants().Count(element => element.Name.LocalName == "polyline"));
    }

    [TestMethod]
    [DataRow("prune --method dimap --out p.safetensors --data DATA --seed 1 --mlp-keep-ratio 0.5 --scope global", "--data --seed --mlp-keep-ratio global module")]
    [DataRow("prune --method magnitude --out p.safetensors --ratio-qkv 0.1 --recovery none --scope module", "--ratio-qkv --recovery module uniform")]
    [DataRow("prune --method dimap --out p.safetensors --ratio 0.2 --ratio-mlp 0.3 --budget-macs 0.5 --budget-parameters 0.5", "--ratio --ratio-mlp --budget-macs --budget-parameters")]
    [DataRow("prune --method dimap --out p.safetensors --ratio 1", "--ratio 1")]
    [DataRow("prune --method dimap --out p.safetensors --budget-parameters 0.001", "never")]
    [DataRow("prune --data DATA --out p.safetensors --ratio 0.2 --scope model", "--ratio --scope")]
    [DataRow("compare --data DATA --out c --methods dimap,best --ratios 0.2,2", "best 2")]
    [DataRow("compare --data DATA --out c --ratios 0.9999", "0.9999")]
    public void WhatIsWrongIsToldInOneSentence(string arguments, string mentions)
    {
        string[] words = [.. arguments.Split(' ').Select(word => word == "DATA" ? Workspace.Data : word is "p.safetensors" or "c" ? Workspace[word] : word)];
        var result = CliProcess.Run([words[0], Workspace.ModelPath, .. words[1..]]);
        Assert.AreEqual(2, result.Code, result.Error);
        Assert.AreEqual(1, result.Error.TrimEnd('\n').Split('\n').Length, result.Error);
        foreach (string mention in mentions.Split(' ')) StringAssert.Contains(result.Error, mention);
        Assert.IsFalse(File.Exists(Workspace["p.safetensors"]) || Directory.Exists(Workspace["c"]));
    }
}
