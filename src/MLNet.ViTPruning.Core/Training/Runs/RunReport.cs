using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using MLNet.ViTPruning.Models;
using TorchSharp;

namespace MLNet.ViTPruning.Training.Runs;

/// <summary>The report of a training as JSON: what was asked for, on what it ran, what came out.</summary>
internal static class RunReport
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // an epoch of skipped steps has no loss
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutCallbacks } },
    };

    /// <summary>Writes the report.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="options">The recipe; of derived options the recipe alone.</param>
    /// <param name="result">What came out.</param>
    public static string Of(VisionModel model, TrainingOptions options, TrainingResult result) => new JsonObject
    {
        ["end"] = Json(result.End),
        ["bestEpoch"] = result.BestEpoch,
        ["startAccuracy"] = result.StartAccuracy,
        ["steps"] = result.Steps,
        ["skippedSteps"] = result.SkippedSteps,
        ["resumedFromStep"] = result.ResumedFromStep,
        ["architecture"] = model.Configuration.Architecture,
        ["parameters"] = model.parameters().Sum(p => p.NumberOfElements),
        ["stack"] = Stack,
        ["device"] = model.parameters().First().device.ToString(),
        ["threads"] = torch.get_num_threads(),
        ["computedIn"] = result.ComputedIn == ComputePrecision.BFloat16 ? "bf16" : "fp32",
        ["elapsedSeconds"] = result.Elapsed.TotalSeconds,
        ["cpuSeconds"] = result.CpuTime.TotalSeconds,
        ["peakMemoryBytes"] = result.PeakMemoryBytes,
        ["inputWaitShare"] = result.InputWaitShare,
        ["warnings"] = Json(result.Warnings),
        ["options"] = Json(options),
        ["epochs"] = Json(result.Epochs),
    }.ToJsonString(JsonOptions);

    private static string Stack
    {
        get
        {
            var assembly = typeof(torch).Assembly;
            string? version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
            return $"{assembly.GetName().Name} {version ?? assembly.GetName().Version?.ToString()}, .NET {Environment.Version}";
        }
    }

    private static JsonNode? Json<T>(T value) => JsonSerializer.SerializeToNode(value, JsonOptions);

    // What a program hands over to be called says nothing of the recipe.
    private static void LeaveOutCallbacks(JsonTypeInfo type)
    {
        for (int i = type.Properties.Count - 1; i >= 0; i--)
        {
            var kind = type.Properties[i].PropertyType;
            if (typeof(Delegate).IsAssignableFrom(kind) || kind == typeof(CancellationToken) || kind == typeof(IProgress<TrainingProgress>)) type.Properties.RemoveAt(i);
        }
    }
}
