// Loads a pretrained Vision Transformer into an ML.NET pipeline, prunes it to a smaller model, trains that against the original,
// saves it as an ordinary ML.NET model, and loads it in a new process. Started by ./quickstart.sh.
using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Unified;
using Quickstart;

if (args is ["--score", var savedModel, .. var rest])
{
    NewProcess.Score(savedModel, Job.Choose(rest).Report);
    return 0;
}

var ml = new MLContext(seed: 1);
var job = Job.Choose(args);
Console.WriteLine($"{job.Title}: {job.Fit.GetRowCount()} images to fit, {job.Report.GetRowCount()} others to report");

// Image -> Score, PredictedLabel; then the same columns from a model with fewer channels; then from that model, trained against the first one.
var score = ml.Transforms.ScoreViT(job.Weights);
var prune = ml.Transforms.PruneViT(new UnifiedPruningOptions
{
    MlpKeepRatio = job.MlpKeepRatio,
    AttentionKeepRatio = job.AttentionKeepRatio,
    Importance = ImportanceKind.Fisher,
    ProxyImages = job.ProxyImages,
    Recovery = new RecoveryOptions { Images = job.ProxyImages },
});
var distill = ml.Transforms.DistillViT(new DistillOptions
{
    Epochs = job.DistillEpochs,
    BatchSize = 32,
    LearningRate = job.DistillLearningRate,
    WarmUpEpochs = 0.1 * job.DistillEpochs,
    ValidationSetFraction = null,
    MetricsCallback = metrics => Console.WriteLine($"  {metrics}"),
});

using var dense = score.Fit(job.Fit);
var before = Figures.Of(dense, job.Report, job.Weights);
Console.WriteLine($"scored the dense model: top-1 {before.Top1:0.0} %");

using var chain = score.Append(prune).Append(distill).Fit(job.Fit);
var (pruned, distilled) = ((ViTScoringTransformer)chain.ElementAt(1), chain.LastTransformer);
Console.WriteLine($"pruned it: top-1 {Figures.Accuracy(pruned, job.Report):0.0} %");

// CompactViT drops the stages whose Score the last one hides: the file holds one set of weights.
ITransformer compact = chain.CompactViT();
string file = Path.Combine(job.Folder, "pruned.zip");
ml.Model.Save(compact, job.Report.Schema, file);
var after = Figures.Of(distilled, job.Report, file);
Console.WriteLine($"distilled and saved it: top-1 {after.Top1:0.0} %");

float difference = NewProcess.LargestDifference(file, compact.Transform(job.Report), args);
Console.WriteLine($"a new process loaded {file} and scored alike (largest difference of a probability: {difference:0.0e+0})");
Console.WriteLine();
Figures.PrintTable(before, after, Figures.Paces(dense.Model, distilled.Model));
return difference < 1e-4f ? 0 : 1;
