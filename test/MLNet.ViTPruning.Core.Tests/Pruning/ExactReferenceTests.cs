using System.Text.Json;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning;

/// <summary>Exact scores beside those that PyTorch computed for the published ViT-Tiny, channel by channel in float64.</summary>
[TestClass]
public sealed class ExactReferenceTests
{
    [TestMethod]
    [DataRow(ScalarType.Float64, 1e-6)]
    [DataRow(ScalarType.Float32, 1e-3)]
    public void Score_OfThePublishedViTTiny_EqualsPyTorch(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var model = ModelFile.Load(SharedData.At("weights/vit_tiny_patch16_224.safetensors"));
        model.to(type);
        model.WeightsChanged();
        using var photos = SafetensorsFile.Open(SharedData.At("reference/photos.safetensors"));
        var images = photos.ReadTensor("photos.pixels").permute(0, 3, 1, 2).to(type).div(255).sub(0.5).div(0.5).contiguous();    // [4, 3, 224, 224]

        using var reference = JsonDocument.Parse(File.ReadAllText(SharedData.At("reference/kl_scores.json")));
        var rows = reference.RootElement.GetProperty("scores").EnumerateArray().GroupBy(row => (Component(row), Block(row))).ToList();
        var groups = rows.Select(group => new ChannelGroup(group.Key.Item1, group.Key.Item2, [.. group.Select(row => row.GetProperty("channel").GetInt32())])).ToList();
        var scores = ExactDivergence.Score(model, [images.clone()], groups);

        for (int g = 0; g < groups.Count; g++)
        {
            var expected = rows[g].Select(row => row.GetProperty("kl").GetDouble()).ToArray();
            double median = expected.Order().ElementAt(expected.Length / 2);
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], scores[g][i], tolerance * Math.Max(expected[i], type == ScalarType.Float64 ? 0 : median),
                    $"{groups[g].Component} {groups[g].Index} channel {groups[g].Channels[i]}");
        }
    }

    private static PruningComponent Component(JsonElement row) => row.GetProperty("component").GetString() switch
    {
        "neck" => PruningComponent.Embed,
        "attention" => PruningComponent.Attention,
        _ => PruningComponent.Mlp,
    };

    private static int Block(JsonElement row) => row.GetProperty("block").ValueKind == JsonValueKind.Null ? 0 : row.GetProperty("block").GetInt32();
}
