using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Tests.Components.Training;

/// <summary>Small images that a tiny model learns in a second: a class is a colour, under stripes and noise.</summary>
internal static class StripedRows
{
    public const int Size = TinyData.Size;

    public static readonly string[] Names = TinyData.Names;

    /// <summary>A structure without weights; its classes come from the label.</summary>
    public static ModelConfiguration Configuration { get; } = TinyConfiguration();

    public static List<Row> Rows(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => new Row { Id = i, Kind = Names[i % Names.Length], Image = Stripes(i % Names.Length, random) })];
    }

    /// <summary>The rows with a key column Label in the order of the names.</summary>
    public static IDataView Labelled(MLContext ml, IEnumerable<Row> rows, IReadOnlyList<string>? order = null)
    {
        var names = ml.Data.LoadFromEnumerable((order ?? Names).Select(name => new Name { Kind = name }).ToList());
        var data = ml.Data.LoadFromEnumerable(rows);
        return ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Kind), keyData: names).Fit(data).Transform(data);
    }

    public static VisionTransformerTrainer.Options FromScratch(int epochs = 1) => new()
    {
        Configuration = Configuration,
        Epochs = epochs,
        BatchSize = 10,
        LearningRate = 8e-3,
        LoaderThreads = 1,
    };

    private static ModelConfiguration TinyConfiguration()
    {
        using var model = TinyData.Model();
        return model.Configuration with { LabelNames = null, NumClasses = 1000 };
    }

    private static float[] Stripes(int label, Random random)
    {
        var image = new float[3 * Size * Size];
        int phase = random.Next(4);
        for (int channel = 0; channel < 3; channel++)
            for (int y = 0; y < Size; y++)
                for (int x = 0; x < Size; x++)
                {
                    int colour = (label + 1 >> channel & 1) * 60;
                    int stripe = ((label % 2 == 0 ? x : y) + phase) % 4 < 2 ? 20 : -20;
                    image[(channel * Size + y) * Size + x] = (float)Math.Round(100 + colour + stripe + 60 * (random.NextDouble() - 0.5));
                }
        return image;
    }

    public sealed class Row
    {
        public int Id { get; set; }

        public string Kind { get; set; } = "";

        [VectorType(3 * Size * Size)]
        public float[] Image { get; set; } = [];
    }

    private sealed class Name
    {
        public string Kind { get; set; } = "";
    }
}
