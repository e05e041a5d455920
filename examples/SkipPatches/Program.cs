// Teaches a Vision Transformer inside an ML.NET pipeline to skip the patches that no longer change, and saves it.
// Arguments: WEIGHTS.safetensors CIFAR100-FOLDER OUT.zip [IMAGES]
using Microsoft.ML;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Imaging;

var (weights, folder, file) = (args[0], args[1], args[2]);
int images = args.Length > 3 ? int.Parse(args[3]) : 5000;

#region README
var ml = new MLContext(seed: 1);
IDataView train = ml.Data.LoadCifar100(folder, Cifar100Split.Fit, limit: images);

var pipeline = ml.Transforms.ScoreViT(weights)
    .Append(ml.Transforms.SkipPatches(new PatchSkipOptions
    {
        MacsSaved = 0.35,                                           // thresholds are fitted to it
        ScorerEpochs = 1,                                           // the scorers, then the backbone against the dense model
        Epochs = 1,
        ExecutedMacsColumnName = "ExecutedMacs",                    // what each image cost
        WorkspacePath = file + ".run",
        Resume = true,
        MetricsCallback = metrics => Console.WriteLine(metrics),
    }));

using var chain = pipeline.Fit(train);
ml.Model.Save(chain.CompactViT(), train.Schema, file);              // the model that skips alone
#endregion

var report = chain.LastTransformer.Measure(ml.Data.LoadCifar100(folder, Cifar100Split.Test, limit: images));
Console.WriteLine($"top-1 {report.Accuracy:0.00} % of {report.Images} images at {report.MacsSaved:P1} fewer multiply-adds; {report.ReEntries:0.0} patches an image came back");
foreach (var layer in report.Layers)
    Console.WriteLine($"layer {layer.Layer}: computes {layer.KeptShare:P1} of the patches, scorer {layer.ScorerAccuracy:P1} right, balanced {layer.BalancedAccuracy:P1}");
