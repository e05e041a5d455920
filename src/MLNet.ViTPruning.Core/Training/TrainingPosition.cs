using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Training;

/// <summary>Where a training stands, apart from its tensors. Doubles survive its JSON to the bit.</summary>
internal sealed record TrainingPosition
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The training that it belongs to: what is to be alike in one that goes on, by name.</summary>
    public IReadOnlyDictionary<string, string> Job { get; init; } = new Dictionary<string, string>();

    /// <summary>Number format of matrix products, decided at the training's start.</summary>
    public ComputePrecision ComputedIn { get; init; }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; set; }

    /// <summary>Batches of the epoch that were done.</summary>
    public int Batch { get; set; }

    /// <summary>Steps of the optimizer, skipped ones included.</summary>
    public long Step { get; set; }

    /// <summary>Steps skipped because a loss or gradient was no finite number.</summary>
    public int Skipped { get; set; }

    /// <summary>The last loss that was a finite number.</summary>
    public double? LastLoss { get; set; }

    /// <summary>Sum of the losses over the epoch's images so far, skipped steps left out.</summary>
    public double LossSum { get; set; }

    /// <summary>The images of <see cref="LossSum"/>.</summary>
    public long LossImages { get; set; }

    /// <summary>Images of the epoch so far.</summary>
    public long EpochImages { get; set; }

    /// <summary>Time of the epoch's steps so far, in seconds.</summary>
    public double TrainSeconds { get; set; }

    /// <summary>Time of these that was spent waiting for images, in seconds.</summary>
    public double WaitSeconds { get; set; }

    /// <summary>Time of the epoch so far, in seconds.</summary>
    public double EpochSeconds { get; set; }

    /// <summary>Updates of the weights' moving average.</summary>
    public long AverageUpdates { get; set; }

    /// <summary>Steps that AdamW made, by parameter.</summary>
    public Dictionary<string, long> OptimizerSteps { get; set; } = [];

    /// <summary>The epochs that were done.</summary>
    public List<TrainingMetrics> Epochs { get; init; } = [];

    /// <summary>What the weights did before the first step, where they count as a result.</summary>
    public ValidationOutcome? Start { get; set; }

    /// <summary>The best epoch on the validation images, from 1; 0 while there is none, or none better than the start.</summary>
    public int BestEpoch { get; set; }

    /// <summary>The accuracy that early stopping measures improvements from, in percent.</summary>
    public double? StoppingAccuracy { get; set; }

    /// <summary>Epochs since it improved.</summary>
    public int EpochsWithoutImprovement { get; set; }

    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    /// <exception cref="InvalidDataException">The text is no position.</exception>
    public static TrainingPosition FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingPosition>(json, JsonOptions) ?? throw new InvalidDataException("The checkpoint's state is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The checkpoint's state cannot be read: {e.Message}", e);
        }
    }
}
