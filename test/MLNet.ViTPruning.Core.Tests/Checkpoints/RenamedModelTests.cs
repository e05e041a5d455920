using System.Globalization;
using System.Text.RegularExpressions;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Checkpoints;

/// <summary>A model whose file was renamed the way another library names it gives the same logits.</summary>
[TestClass]
public sealed class RenamedModelTests
{
    private static void LoadsTheSame(ModelConfiguration configuration, Func<string, Tensor, IEnumerable<(string, Tensor)>> rename)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var folder = new TemporaryFolder();
        using var model = SmallModels.Random(configuration);
        SafetensorsWriter.Write(folder.File("a.bin"), model.state_dict().SelectMany(s => rename(s.Key, s.Value)));
        using var loaded = ModelFile.Load(folder.File("a.bin"), new ModelLoadOptions { Configuration = configuration });
        var images = SmallModels.Images(configuration, 2);
        Assert.IsTrue(model.forward(images).eq(loaded.forward(images)).all().item<bool>());
    }

    [TestMethod]
    public void HuggingFaceVit_GivesTheSameLogits() => LoadsTheSame(SmallModels.Vit(), (name, tensor) =>
    {
        string key = name;
        foreach (var (timm, theirs) in new[]
        {
            ("cls_token", "vit.embeddings.cls_token"), ("pos_embed", "vit.embeddings.position_embeddings"),
            ("patch_embed.proj.", "vit.embeddings.patch_embeddings.projection."), ("blocks.", "vit.encoder.layer."),
            (".norm1.", ".layernorm_before."), (".norm2.", ".layernorm_after."), (".attn.proj.", ".attention.output.dense."),
            (".mlp.fc1.", ".intermediate.dense."), (".mlp.fc2.", ".output.dense."),
        }) key = key.Replace(timm, theirs);
        if (key.StartsWith("norm.", StringComparison.Ordinal)) key = "vit.layernorm." + key[5..];
        if (key.StartsWith("head.", StringComparison.Ordinal)) key = "classifier." + key[5..];
        if (!key.Contains(".attn.qkv.", StringComparison.Ordinal)) return [(key, tensor)];
        var parts = tensor.chunk(3, 0);
        return parts.Zip(["query", "key", "value"], (part, kind) => (key.Replace(".attn.qkv.", $".attention.attention.{kind}."), part));
    });

    [TestMethod]
    public void MicrosoftSwin_GivesTheSameLogits() => LoadsTheSame(SmallModels.Swin(), (name, tensor) =>
    {
        string key = Regex.Replace(name, @"^layers\.(\d)\.downsample\.",
            m => $"layers.{int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture) - 1}.downsample.").Replace("head.fc.", "head.");
        return [(key, tensor)];
    });
}
