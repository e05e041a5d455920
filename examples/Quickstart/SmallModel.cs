using Microsoft.ML;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;

namespace Quickstart;

/// <summary>A small ViT, trained from random weights where no pretrained one is at hand.</summary>
internal static class SmallModel
{
    public static void Train(string weights, IDataView images, int epochs)
    {
        var blocks = Enumerable.Repeat(new BlockConfiguration(Heads: 3, HeadDim: 32, MlpHiddenDim: 384), 4).ToArray();
        var trainer = new MLContext(seed: 1).MulticlassClassification.Trainers.VisionTransformer(new VisionTransformerTrainer.Options
        {
            Configuration = ModelPresets.Get("vit_patch4_32") with { Architecture = null, Stages = [new StageConfiguration(96, blocks)] },
            Epochs = epochs,
            BatchSize = 32,
            LearningRate = 2e-3,
            WarmUpEpochs = 0.1 * epochs,
            ValidationSetFraction = null,   // nothing is chosen by validation: the last epoch counts
            MetricsCallback = metrics => Console.WriteLine($"  {metrics}"),
        });
        using var trained = trainer.Fit(images);
        ModelFile.Save(trained.Model, weights);
    }
}
