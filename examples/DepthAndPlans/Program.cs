// Removes blocks of a Vision Transformer, keeps what was decided as a plan, and prunes by the plan again. A small model is trained on
// images that are generated: it takes a few seconds. Argument: the plan's file (default depth-plan.json).
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;

string file = args.Length > 0 ? args[0] : "depth-plan.json";
var ml = new MLContext(seed: 1);
IDataView train = ml.Data.LoadFromEnumerable(Stripes(600, seed: 1)), test = ml.Data.LoadFromEnumerable(Stripes(400, seed: 2));
using var dense = ml.MulticlassClassification.Trainers.VisionTransformer(new VisionTransformerTrainer.Options
{
    Configuration = new()
    {
        Family = ModelFamily.Vit,
        ImageSize = Row.Side,
        PatchSize = 4,
        NumClasses = Row.Classes,
        Preprocessing = Preprocessing.Half,
        Stages = [new(32, [.. Enumerable.Repeat(new BlockConfiguration(Heads: 2, HeadDim: 16, MlpHiddenDim: 64), 6)])],
    },
    Epochs = 8,
    BatchSize = 30,
    ValidationSetFraction = null,
}).Fit(train);

#region README
using var pruned = ml.Transforms.PruneViT(new DepthPruningOptions
{
    Removals = 2,                                                   // blocks, or pairs of an MLP and the attention that follows it
    FineTune = new() { Images = 300, LearningRate = 5e-4 },         // after each of them, against the dense model
}).Fit(dense.Transform(train));

DepthPlan plan = pruned.Pruning!.Depth!;
File.WriteAllText(file, PlanHistory.Format(pruned.Plan!));          // JSON: what went, why, and of which weights

IPruningPlan read = PlanHistory.FromJson(File.ReadAllText(file)).Single();
using var again = ml.Transforms.PruneViT(new ApplyPlanOptions { Plan = read }).Fit(dense.Transform(train));
#endregion

foreach (var removal in plan.Removals)
    Console.WriteLine($"removed {removal.Removed.First} and {removal.Removed.Second}, the least of {removal.Candidates.Count} candidates: {removal.Removed.Divergence / plan.Images:0.0000} nats an image");
foreach (var (block, i) in plan.Blocks.Select((block, i) => (block, i)))
    Console.WriteLine($"block {i}: attention of block {block.Attention}, MLP of block {block.Mlp}");
double Top1(ITransformer model) => 100 * ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy;
Console.WriteLine($"top-1: {Top1(dense):0.0} % dense, {Top1(pruned):0.0} % pruned and trained in between, {Top1(again):0.0} % by the plan, which recovers and trains nothing");

// Noisy stripes; their direction is the class.
static IEnumerable<Row> Stripes(int count, int seed)
{
    var random = new Random(seed);
    for (int i = 0; i < count; i++)
    {
        double angle = Math.PI * (i % Row.Classes) / Row.Classes, phase = random.NextDouble() * 2 * Math.PI;
        float Pixel(int p) => (float)Math.Round(128 + 40 * Math.Sin(p % Row.Side * Math.Cos(angle) + p / Row.Side % Row.Side * Math.Sin(angle) + phase) + random.Next(-80, 81));
        yield return new Row { Label = (uint)(i % Row.Classes), Image = [.. Enumerable.Range(0, 3 * Row.Side * Row.Side).Select(Pixel)] };
    }
}

/// <summary>An image as planes of red, green and blue.</summary>
internal sealed class Row
{
    public const int Side = 16, Classes = 5;

    [KeyType(Classes)]
    public uint Label { get; set; }

    [VectorType(3 * Side * Side)]
    public float[] Image { get; set; } = [];
}
