using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.ModelFiles;

namespace Microsoft.ML;

/// <summary>The Vision Transformer trainer on <c>mlContext.MulticlassClassification.Trainers</c>.</summary>
public static class ViTTrainersCatalog
{
    /// <summary>Trains a Vision Transformer on labelled images.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">Input: the label, a key.</param>
    /// <param name="imageColumnName">Input: image, encoded bytes, path or planar floats.</param>
    /// <param name="scoreColumnName">Output: probabilities.</param>
    /// <param name="predictedLabelColumnName">Output: the most probable class, a key.</param>
    /// <param name="validationSet">Images that choose the best epoch; null holds out a tenth of the training data.</param>
    /// <param name="architecture">The preset that is trained from random weights, such as <c>vit_patch4_32</c>; null fine-tunes the model of an
    /// earlier stage.</param>
    /// <param name="epochs">Passes over the training images.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="ArgumentException">An argument is out of its range; all faults in one message.</exception>
    /// <example>
    /// <code>
    /// var ml = new MLContext(seed: 1);
    /// IDataView train = ml.Data.LoadCifar100("cifar-100-binary", Cifar100Split.Train);
    /// var trainer = ml.MulticlassClassification.Trainers.VisionTransformer(architecture: "vit_patch4_32", epochs: 50);
    /// using var model = trainer.Fit(train);
    /// ml.Model.Save(model, train.Schema, "vit.zip");
    /// </code>
    /// </example>
    public static VisionTransformerTrainer VisionTransformer(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string imageColumnName = "Image",
        string scoreColumnName = "Score",
        string predictedLabelColumnName = "PredictedLabel",
        IDataView? validationSet = null,
        string? architecture = null,
        int epochs = 10) => catalog.VisionTransformer(new VisionTransformerTrainer.Options
        {
            LabelColumnName = labelColumnName,
            ImageColumnName = imageColumnName,
            ScoreColumnName = scoreColumnName,
            PredictedLabelColumnName = predictedLabelColumnName,
            ValidationSet = validationSet,
            Architecture = architecture,
            Epochs = epochs,
        });

    /// <summary>Trains a Vision Transformer on labelled images, all options given.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">Which model is trained, on which columns, and how.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="ArgumentException">Options are out of their range; all faults in one message.</exception>
    /// <exception cref="FileNotFoundException">There is no such weights file.</exception>
    public static VisionTransformerTrainer VisionTransformer(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, VisionTransformerTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new VisionTransformerTrainer(MLNetInternals.EnvironmentOf(catalog), options);
    }
}
