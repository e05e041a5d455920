using System.Text.Json.Nodes;

namespace MLNet.ViTPruning.Tests.Cli;

[TestClass]
public sealed class CommandTests : CliTests
{
    [TestMethod]
    public void Evaluate_PrintsOneJsonObjectAndNothingElse()
    {
        var json = Json("evaluate", Workspace.ModelPath, "--data", Workspace.Data, "--split", "test", "--limit", "10", "--batch", "4", "--threads", "1", "--json");
        Assert.AreEqual(10, (int)json["images"]!);
        Assert.IsTrue((double)json["top1"]! is >= 0 and <= 100 && (double)json["top5"]! >= (double)json["top1"]!);
        Assert.IsTrue((double)json["imagesPerSecond"]! > 0);
        Assert.IsTrue((long)json["nonzeroParameters"]! is var nonzero && nonzero > 0 && nonzero < (long)json["parameters"]!);   // biases start at zero
        Assert.IsTrue((long)json["macs"]! > 0);
    }

    [TestMethod]
    public void Convert_ThroughAllKindsOfFiles_GivesTheSameBytes()
    {
        string[] files = [Workspace.ModelPath, Workspace["a.pth"], Workspace["b.zip"], Workspace["c.safetensors"]];
        for (int i = 1; i < files.Length; i++) Json("convert", files[i - 1], files[i], "--json");
        CollectionAssert.AreEqual(File.ReadAllBytes(files[0]), File.ReadAllBytes(files[^1]));
    }

    [TestMethod]
    public void Convert_ToBfloat16_HalvesTheFile_AndWhatIsMadeOfItStaysAsSmall()
    {
        string half = Workspace["half.safetensors"], again = Workspace["again.safetensors"], full = Workspace["full.safetensors"];
        long bytes = (long)Json("convert", Workspace.ModelPath, half, "--dtype", "bf16", "--json")["fileBytes"]!;
        long wide = (long)Json("convert", half, full, "--dtype", "fp32", "--json")["fileBytes"]!;
        long parameters = (long)Json("inspect", half, "--json")["parameters"]!;
        Assert.IsTrue(wide - bytes > 1.5 * parameters, $"{wide} bytes in fp32, {bytes} in bf16");
        long kept = (long)Json("convert", half, again, "--json")["fileBytes"]!;
        Assert.IsTrue(kept - bytes < (wide - bytes) / 4, $"{kept} bytes without --dtype, {bytes} in bf16, {wide} in fp32");   // vectors are fp32 again
    }

    [TestMethod]
    [DataRow("half.zip", "bf16", "half.zip")]
    [DataRow("half.safetensors", "int8", "int8")]
    public void Convert_ToATypeThatTheFileCannotHave_SaysSo(string file, string type, string named)
    {
        var result = CliProcess.Run("convert", Workspace.ModelPath, Workspace[file], "--dtype", type);
        Assert.AreNotEqual(0, result.Code);
        StringAssert.Contains(result.Error, named);
    }

    [TestMethod]
    [DataRow("pruned.safetensors")]
    [DataRow("pruned.zip")]
    public void Prune_WritesASmallerModelThatEvaluates(string name)
    {
        string target = Workspace[name];
        var json = Json("prune", Workspace.ModelPath, "--data", Workspace.Data, "--split", "fit", "--out", target, "--proxy-images", "12",
            "--attention-keep-ratio", "0.5", "--mlp-keep-ratio", "0.5", "--seed", "3", "--json");
        Assert.IsTrue((long)json["after"]!["macs"]! < (long)json["before"]!["macs"]!);
        var inspected = Json("inspect", target, "--json");
        Assert.AreEqual((long)json["after"]!["parameters"]!, (long)inspected["parameters"]!);
        Assert.IsTrue(inspected["blocks"]!.AsArray().All(block => (int)block!["headDim"]! == 4 && (int)block["mlpHiddenDim"]! == 16));
        Assert.AreEqual("unified", (string)inspected["pruning"]!["method"]!);
        Assert.AreEqual(20, (int)Json("evaluate", target, "--data", Workspace.Data, "--json")["images"]!);
    }

    private static JsonObject Json(params string[] arguments) => CliProcess.Json(arguments);
}
