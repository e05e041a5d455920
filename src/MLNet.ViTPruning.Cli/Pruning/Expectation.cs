using System.Text.Json.Nodes;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Cli.Pruning;

/// <summary>Says on stderr how long each part of the scoring will take before it starts, and keeps it for the report.</summary>
internal sealed class Expectation : IProgress<ScoringEstimate>
{
    private readonly List<ScoringEstimate> _parts = [];

    public void Report(ScoringEstimate value)
    {
        _parts.Add(value);
        string all = _parts.Count == 1 && value.Remaining > value.Expected ? $"; all of the scoring about {TimeLeft.Text(value.Remaining)}" : "";
        Console.Error.WriteLine($"{value.Importance}: {value.Channels} channels on {value.Images} images, about {TimeLeft.Text(value.Expected)}{all}");
    }

    /// <summary>Seconds that were expected of each part; null where nothing was left to score.</summary>
    public JsonObject? ToJson() => _parts.Count == 0 ? null
        : new JsonObject([.. _parts.Select(part => KeyValuePair.Create(part.Importance, (JsonNode?)Math.Round(part.Expected.TotalSeconds, 1)))]);
}
