// Prunes a Vision Transformer inside an ML.NET pipeline, trains the smaller model against the original, and saves it.
// Arguments: WEIGHTS.safetensors CIFAR100-FOLDER OUT.zip [IMAGES]
using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Pruning.Unified;
using MLNet.ViTPruning.Training.Augmentations;

var (weights, folder, file) = (args[0], args[1], args[2]);
int? images = args.Length > 3 ? int.Parse(args[3]) : null;

#region README
var ml = new MLContext(seed: 1);
IDataView train = ml.Data.LoadCifar100(folder, Cifar100Split.Fit, limit: images);

var pipeline = ml.Transforms.ScoreViT(weights)
    .Append(ml.Transforms.PruneViT(new UnifiedPruningOptions { MlpKeepRatio = 0.5, Importance = ImportanceKind.Fisher }))
    .Append(ml.Transforms.DistillViT(new DistillOptions             // the teacher is the chain's first model
    {
        Epochs = 2,
        Augmentation = AugmentationOptions.UpVits,
        WorkspacePath = file + ".run",                              // checkpoints, metrics.csv, curves.svg, report.json
        Resume = true,                                              // where an earlier try was interrupted, it goes on
        MetricsCallback = metrics => Console.WriteLine(metrics),
    }));

using var chain = pipeline.Fit(train);
ml.Model.Save(chain.CompactViT(), train.Schema, file);              // the distilled model alone
#endregion

var report = chain.LastTransformer.Training!;
Console.WriteLine($"{file}: {new FileInfo(file).Length / 1e6:0.0} MB after {report.Steps} steps; best epoch {report.BestEpoch}, {report.Elapsed.TotalMinutes:0.0} minutes");
