namespace MLNet.ViTPruning.Tests.Cli;

[TestClass]
public sealed class WrongInputTests : CliTests
{
    public WrongInputTests()
    {
        byte[] whole = File.ReadAllBytes(Workspace.ModelPath);
        File.WriteAllBytes(Workspace["short.safetensors"], whole[..^100]);
        File.WriteAllBytes(Workspace["broken.zip"], [.. "PK\x03\x04"u8, .. whole[..500]]);
        using var tensor = TorchSharp.torch.zeros(2, 3);
        MLNet.ViTPruning.Checkpoints.SafetensorsWriter.Write(Workspace["anonymous.safetensors"], [("head.weight", tensor)]);
    }

    // MODEL, FOLDER and DATA stand for the generated ones, what has a dot for a file in that folder.
    [TestMethod]
    [DataRow("evaluate missing.safetensors --data DATA", "missing.safetensors")]
    [DataRow("evaluate MODEL --data nowhere:FOLDER", "--data is 'nowhere")]
    [DataRow("evaluate MODEL --data cifar100:FOLDER/none", "There is no folder")]
    [DataRow("evaluate MODEL --data DATA --split val", "--split is 'val'")]
    [DataRow("evaluate MODEL --data DATA --limit many", "--limit is 'many'")]
    [DataRow("evaluate MODEL --data DATA --batch 0", "--batch is '0'")]
    [DataRow("evaluate MODEL --data DATA --dtype int8", "--dtype is 'int8'")]
    [DataRow("evaluate MODEL", "--data")]
    [DataRow("evaluate MODEL --data DATA --wrong", "--wrong")]
    [DataRow("inspect short.safetensors", "short.safetensors")]
    [DataRow("inspect broken.zip", "broken.zip")]
    [DataRow("inspect anonymous.safetensors", "--preset")]
    [DataRow("inspect MODEL --preset nothing", "nothing")]
    [DataRow("convert MODEL model.onnx", "model.onnx")]
    [DataRow("prune MODEL --data DATA --out p.safetensors --mlp-keep-ratio 0", "--mlp-keep-ratio is '0'")]
    [DataRow("prune MODEL --data DATA --out p.safetensors --heads 3", "3")]
    [DataRow("train --data DATA --out t.safetensors", "--preset")]
    [DataRow("train MODEL --data DATA --out t.safetensors --validation test", "--validation is 'test'")]
    [DataRow("train MODEL --data DATA --out t.safetensors --split train --validation validation", "shares images")]
    [DataRow("train MODEL --data DATA --out t.safetensors --augment strong", "--augment is 'strong'")]
    [DataRow("distill MODEL --data DATA --out t.safetensors", "--teacher")]
    [DataRow("distill MODEL --teacher short.safetensors --data DATA --out t.safetensors", "short.safetensors")]
    [DataRow("frobnicate", "frobnicate")]
    public void OneSentenceAndExitCode2(string arguments, string mentions)
    {
        var result = CliProcess.Run([.. arguments.Split(' ').Select(Resolve)]);
        Assert.AreEqual(2, result.Code, result.Error);
        Assert.AreEqual("", result.Output);
        Assert.AreEqual(1, result.Error.TrimEnd('\n').Split('\n').Length, result.Error);
        StringAssert.Contains(result.Error, mentions);
        Assert.IsFalse(result.Error.Contains("   at ", StringComparison.Ordinal), result.Error);
    }

    [TestMethod]
    [DataRow("train --lr fast --epochs 0 --ema 2 --augment x --clip -1 --label-smoothing 1", "--data --out --lr --epochs --ema --augment --clip --label-smoothing")]
    [DataRow("distill MODEL --teacher missing.safetensors --data DATA --split all --out t.onnx --epochs 2 --warmup-epochs 3 --min-lr 1 --warmup-lr 1 --ema-update epoch --early-stopping 1 --validation none --first 2 --limit 3 --kind hard --temperature 2",
        "missing.safetensors --split t.onnx --warmup-epochs --min-lr --warmup-lr --ema-update --early-stopping --first --temperature")]
    public void AllFaultsOfATrainingAreToldAtOnce(string arguments, string mentions)
    {
        var result = CliProcess.Run([.. arguments.Split(' ').Select(Resolve)]);
        Assert.AreEqual(2, result.Code, result.Error);
        foreach (string mention in mentions.Split(' ')) StringAssert.Contains(result.Error, mention);
        Assert.IsFalse(Directory.Exists(Workspace["t.run"]));
    }
}
