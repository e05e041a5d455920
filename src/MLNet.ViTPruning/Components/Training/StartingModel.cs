using Microsoft.ML;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Components;

/// <summary>The model that a training begins with.</summary>
/// <param name="Model">The model; its receiver's to dispose.</param>
/// <param name="Plan">How it was pruned, as JSON, or null.</param>
/// <param name="First">The chain's first model, where the training goes on with a pruned one of the same classes; else null.</param>
internal sealed record StartingModel(VisionModel Model, string? Plan = null, VisionModel? First = null)
{
    /// <summary>Loads, copies or draws the model that the options name, with outputs for the label's classes.</summary>
    /// <param name="options">The options.</param>
    /// <param name="upstream">The earlier stage's model where the options name no other, else null.</param>
    /// <param name="classes">The label's classes.</param>
    /// <param name="seed">Seed of what is drawn.</param>
    /// <exception cref="ArgumentException">The label's classes are others than the model's.</exception>
    /// <exception cref="InvalidDataException">The weights file is broken or is of no known architecture.</exception>
    public static StartingModel Make(VisionTransformerTrainer.Options options, ViTModel? upstream, LabelClasses classes, ulong seed)
    {
        if (upstream is not null)
        {
            var head = HeadFor(upstream.Configuration, classes, options.ReplaceHead);
            // The teacher of a pruned model stays; one that was only trained takes its place.
            var first = head.IsNew || ReferenceEquals(upstream.First, upstream.Model) ? null : upstream.First;
            return new(WithHead(upstream.Model, head, seed), upstream.Plan, first);
        }
        if (options.Model is { } given) return new(WithHead(given, HeadFor(given.Configuration, classes, options.ReplaceHead), seed), options.Plan);
        if (options.Weights is { } path)
        {
            using var loaded = ModelFile.Load(path, new ModelLoadOptions { Preset = options.Architecture });
            return new(WithHead(loaded, HeadFor(loaded.Configuration, classes, options.ReplaceHead), seed), ModelFile.LoadPlan(path));
        }
        var configuration = options.Configuration ?? ModelPresets.Get(options.Architecture!);
        return new(VisionModel.Create(configuration.WithClasses(classes.Count, classes.Names), seed));
    }

    private static Head HeadFor(ModelConfiguration model, LabelClasses classes, bool replace)
    {
        if (replace) return new(model.WithClasses(classes.Count, classes.Names), IsNew: true);
        if (classes.FitInto(model)) return new(model.LabelNames is null ? model with { LabelNames = classes.Names } : model, IsNew: false);
        if (classes.Count != model.NumClasses) return new(model.WithClasses(classes.Count, classes.Names), IsNew: true);
        var unknown = classes.Names!.Except(model.LabelNames!).ToList();
        throw new ArgumentException($"{unknown.Count} of the label's {classes.Count} classes, such as '{unknown[0]}', are not among the model's {model.NumClasses}, "
            + $"such as '{model.LabelNames![0]}'. Set ReplaceHead to train a new head for the label's classes.");
    }

    private static VisionModel WithHead(VisionModel source, Head head, ulong seed)
    {
        if (!head.IsNew) return source.Copy(configuration: head.Configuration);
        var weights = source.state_dict();
        var model = VisionModel.Create(head.Configuration, seed);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, weight) in model.state_dict())
            if (!IsHead(name)) weight.copy_(weights[name]);
        model.SetWeightMasks(source.WeightMasks.Where(mask => !IsHead(mask.Key)).ToDictionary(mask => mask.Key, mask => mask.Value));
        model.WeightsChanged();
        return model;
    }

    private static bool IsHead(string name) => name.StartsWith("head", StringComparison.Ordinal);

    private sealed record Head(ModelConfiguration Configuration, bool IsNew);
}
