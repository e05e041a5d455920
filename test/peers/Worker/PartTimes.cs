using System.Diagnostics;
using System.Text.Json.Nodes;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Peers;

/// <summary>Where the time of a forward pass goes: the same layers on the same activations, timed one by one.</summary>
/// <remarks>The layers' own steps are timed from norm to attention channels and from norm to hidden channels; norm, qkv and fc1 are timed once
/// more by themselves and taken off, so that attention products and GELU are what remains (in Swin with its shifts). "rest" is
/// what the parts leave of a whole forward pass.</remarks>
internal sealed class PartTimes
{
    private readonly VisionModel _model;
    private readonly Dictionary<string, List<double>> _seconds = [];    // by part, one sum a forward pass

    private PartTimes(VisionModel model) => _model = model;

    /// <summary>Measures forward passes.</summary>
    /// <returns>Milliseconds by part, medians over the passes.</returns>
    public static JsonObject Measure(VisionModel model, Tensor images, double seconds)
    {
        var times = new PartTimes(model);
        model.forward(images).Dispose();    // kernels are chosen
        long start = Stopwatch.GetTimestamp();
        do times.Pass(images); while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
        return times.Result();
    }

    private void Pass(Tensor images)
    {
        foreach (var list in _seconds.Values) list.Add(0);
        using (NewDisposeScope()) Timed("whole", () => _model.forward(images));
        using var scope = NewDisposeScope();
        int last = _model.Configuration.Stages.Count - 1;
        foreach (var part in images.split(_model.ImagesOfParts[last], dim: 0))    // as the whole is computed
        {
            using var inner = NewDisposeScope();
            var pass = _model.Begin(part, null);
            var x = Stage(part, last, pass);
            Timed("head", () => _model.Finish(x, _model.BlockLayers.Count, pass));
        }
    }

    /// <summary>The stream after a stage.</summary>
    private Tensor Stage(Tensor images, int stage, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        long size = _model.ImagesOfParts[stage];
        if (images.shape[0] > size) return cat([.. images.split(size, dim: 0).Select(part => Stage(part, stage, pass))], 0).MoveToOuterDisposeScope();
        var x = stage == 0 ? Timed("embed", () => _model.Enter(images, pass)) : Stage(images, stage - 1, pass);
        var blocks = _model.BlockLayers;
        int first = _model.Configuration.FirstBlockOf(stage);
        for (int i = first; i < first + _model.Configuration.Stages[stage].Blocks.Count; i++)
        {
            using var inner = NewDisposeScope();
            int index = i;
            var input = x;
            var y = Timed("embed", () => _model.Approach(input, index, pass));
            int? keep = i == blocks.Count - 1 ? _model.TokensRead : null;
            x = keep is null ? Block(blocks[i], y, pass) : Timed("lastBlock", () => blocks[index].Apply(y, pass, keep));
            if (!ReferenceEquals(x, input)) x.MoveToOuterDisposeScope();
        }
        return x.MoveToOuterDisposeScope();
    }

    private Tensor Block(TransformerBlock block, Tensor x, ForwardPass pass)
    {
        var layers = block.named_modules().ToDictionary(layer => layer.Item1, layer => layer.Item2);
        foreach (var half in Enum.GetValues<BlockHalf>())
        {
            if (!block.Has(half)) continue;
            using var scope = NewDisposeScope();
            bool attention = half == BlockHalf.Attention;
            var input = x;
            var y = Timed(attention ? "norm1" : "norm2", () => ((Norm)layers[attention ? "norm1" : "norm2"]).Apply(input));    // [B, N, C]
            if (attention) Timed("qkv", () => ((Attention)layers["attn"]).Parts(y, pass).Query);
            else Timed("fc1", () => ((LinearLayer)layers["mlp.fc1"]).Apply(y, pass));
            var channels = Timed(attention ? "attentionChannels" : "hiddenChannels", () => block.Channels(half, input, null, pass));
            var output = Timed(attention ? "proj" : "fc2", () => block.Output(half, channels, pass));
            x = Timed("residual", () => block.AddHalf(half, input, output, pass));                                            // [B, N, C]
            if (!ReferenceEquals(x, input)) x.MoveToOuterDisposeScope();
        }
        return x;
    }

    private Tensor Timed(string part, Func<Tensor> work)
    {
        if (!_seconds.TryGetValue(part, out var list)) _seconds[part] = list = [0];
        long start = Stopwatch.GetTimestamp();
        var result = work();
        list[^1] += Stopwatch.GetElapsedTime(start).TotalSeconds;
        return result;
    }

    private JsonObject Result()
    {
        double Of(string part) => _seconds.TryGetValue(part, out var list) ? list.Order().ElementAt(list.Count / 2) * 1000 : 0;
        var parts = new (string Name, double Milliseconds)[]
        {
            ("embed", Of("embed")), ("norms", Of("norm1") + Of("norm2")), ("qkv", Of("qkv")), ("attentionProducts", Of("attentionChannels") - Of("norm1") - Of("qkv")),
            ("proj", Of("proj")), ("fc1", Of("fc1")), ("gelu", Of("hiddenChannels") - Of("norm2") - Of("fc1")), ("fc2", Of("fc2")), ("residual", Of("residual")),
            ("lastBlock", Of("lastBlock")), ("head", Of("head")),
        };
        var result = new JsonObject(parts.Select(part => KeyValuePair.Create(part.Name, (JsonNode?)Math.Round(part.Milliseconds, 2))));
        result["rest"] = Math.Round(Of("whole") - parts.Sum(part => part.Milliseconds), 2);
        result["whole"] = Math.Round(Of("whole"), 2);
        return result;
    }
}
