// Prunes a pretrained Vision Transformer inside an ML.NET pipeline. Arguments: WEIGHTS.safetensors IMAGENET-FOLDER OUT.zip
using Microsoft.ML;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Pruning.Unified;

var (weights, folder, file) = (args[0], args[1], args[2]);

#region README
var ml = new MLContext(seed: 1);
IDataView photos = ml.Data.LoadImageNet(folder, ImageNetSplit.Val);

var pipeline = ml.Transforms.ScoreViT(weights)                      // Image -> Score, PredictedLabel
    .Append(ml.Transforms.PruneViT(new UnifiedPruningOptions        // the same columns, from a smaller model
    {
        AttentionKeepRatio = 0.9,
        MlpKeepRatio = 0.8,
        Importance = ImportanceKind.Fisher,                         // quick; the default adds exact scores near each cut
    }));

ITransformer model = pipeline.Fit(photos);
ml.Model.Save(model.CompactViT(), photos.Schema, file);             // one set of weights inside
#endregion

Console.WriteLine($"{file}: {new FileInfo(file).Length / 1e6:0.0} MB");
