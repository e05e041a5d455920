using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.ModelFiles;
using MLNet.ViTPruning.Pruning;

namespace Microsoft.ML;

/// <summary>Vision Transformer components on <c>mlContext.Transforms</c>.</summary>
public static class ViTTransformsCatalog
{
    /// <summary>Scores images with a pretrained Vision Transformer.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="weights">The model's file, <c>.safetensors</c> or <c>.pth</c>, that names its architecture.</param>
    /// <param name="imageColumnName">Input: image, encoded bytes, path or planar floats.</param>
    /// <param name="scoreColumnName">Output: probabilities.</param>
    /// <param name="predictedLabelColumnName">Output: the most probable class, a key.</param>
    /// <param name="batchSize">Images per forward pass.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <example>
    /// <code>
    /// var ml = new MLContext(seed: 1);
    /// var pipeline = ml.Transforms.ScoreViT("vit_tiny_patch16_224.safetensors")
    ///     .Append(ml.Transforms.PruneViT(new UnifiedPruningOptions { MlpKeepRatio = 0.5 }));
    /// ITransformer model = pipeline.Fit(train).CompactViT();
    /// ml.Model.Save(model, train.Schema, "pruned.zip");
    /// </code>
    /// </example>
    public static ViTScoringEstimator ScoreViT(
        this TransformsCatalog catalog,
        string weights,
        string imageColumnName = "Image",
        string scoreColumnName = "Score",
        string predictedLabelColumnName = "PredictedLabel",
        int batchSize = 32) => catalog.ScoreViT(new ScoreViTOptions
        {
            Weights = weights,
            ImageColumnName = imageColumnName,
            ScoreColumnName = scoreColumnName,
            PredictedLabelColumnName = predictedLabelColumnName,
            BatchSize = batchSize,
        });

    /// <summary>Scores images with a Vision Transformer, all options given.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">Which model, and how it scores.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="ArgumentException">Options are out of their range; all faults in one message.</exception>
    /// <exception cref="FileNotFoundException">There is no such weights file.</exception>
    public static ViTScoringEstimator ScoreViT(this TransformsCatalog catalog, ScoreViTOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new ViTScoringEstimator(MLNetInternals.EnvironmentOf(catalog), options);
    }

    /// <summary>Prunes the Vision Transformer of an earlier <see cref="ScoreViT(TransformsCatalog, ScoreViTOptions)"/>.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The method, chosen by its type, and its options.</param>
    /// <param name="labelColumnName">Key column that balances the proxy images over the classes; it may be missing.</param>
    /// <param name="scoreColumnName">The earlier stage's Score column.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="ArgumentException">Options are out of their range; all faults in one message.</exception>
    public static ViTPruneEstimator PruneViT(
        this TransformsCatalog catalog,
        PruningOptions options,
        string labelColumnName = "Label",
        string scoreColumnName = "Score")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new ViTPruneEstimator(MLNetInternals.EnvironmentOf(catalog), options, labelColumnName, scoreColumnName);
    }

    /// <summary>Trains the Vision Transformer of an earlier stage against a teacher, by default the chain's first model.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The recipe and the teacher.</param>
    /// <param name="labelColumnName">The label, a key.</param>
    /// <param name="scoreColumnName">The earlier stage's Score column.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="ArgumentException">Options are out of their range; all faults in one message.</exception>
    /// <exception cref="FileNotFoundException">There is no such teacher's file.</exception>
    /// <example>
    /// <code>
    /// var pipeline = ml.Transforms.ScoreViT("vit_tiny_patch16_224_cifar100.safetensors")
    ///     .Append(ml.Transforms.PruneViT(new UnifiedPruningOptions { MlpKeepRatio = 0.5 }))
    ///     .Append(ml.Transforms.DistillViT(new DistillOptions { Epochs = 10 }));
    /// </code>
    /// </example>
    public static ViTDistillEstimator DistillViT(
        this TransformsCatalog catalog,
        DistillOptions options,
        string labelColumnName = "Label",
        string scoreColumnName = "Score")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new ViTDistillEstimator(MLNetInternals.EnvironmentOf(catalog), options, labelColumnName, scoreColumnName);
    }

    /// <summary>Teaches the Vision Transformer of an earlier stage to skip the patches that no longer change.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">What is taught, the budget, the recipe and further columns.</param>
    /// <param name="labelColumnName">Input: the label, a key.</param>
    /// <param name="scoreColumnName">Input and output: the column that carries the model.</param>
    /// <exception cref="ArgumentException">An option is not valid; all faults are listed.</exception>
    /// <example>
    /// <code>
    /// var pipeline = ml.Transforms.ScoreViT("vit_tiny_patch16_224_cifar100.safetensors")
    ///     .Append(ml.Transforms.SkipPatches(new PatchSkipOptions { MacsSaved = 0.35, Epochs = 5, ExecutedMacsColumnName = "ExecutedMacs" }));
    /// var model = pipeline.Fit(train);
    /// </code>
    /// </example>
    public static PatchSkipEstimator SkipPatches(
        this TransformsCatalog catalog,
        PatchSkipOptions options,
        string labelColumnName = "Label",
        string scoreColumnName = "Score")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new PatchSkipEstimator(MLNetInternals.EnvironmentOf(catalog), options, labelColumnName, scoreColumnName);
    }

    /// <summary>Drops the scoring stages whose Score a later stage hides, so that a saved chain holds one set of weights.</summary>
    /// <param name="model">A fitted chain, nested chains included.</param>
    /// <returns>A chain of the remaining stages, which it shares with <paramref name="model"/>; <paramref name="model"/>
    /// itself where nothing can be dropped. A stage whose Score is copied or read by another one stays.</returns>
    public static ITransformer CompactViT(this ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return ChainCompactor.Compact(model);
    }
}
