using System.Globalization;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Peers;

/// <summary>Comparison 'skip': forward passes of a model that skips patches beside those of the same model without skipping.</summary>
/// <remarks>
/// skip METHOD SAVED             skips with new scorers, so that this share of the executed MACs is saved on the input; METHOD is learned, kept
///                               (the same, tokens seeing computed ones alone) or topk -> the share saved, and the smallest and largest number of
///                               tokens that an image has in a layer
/// open FILE DTYPE               a model that was taught to skip -> ok
/// cifar FOLDER BATCH            the first of CIFAR-100's test images as input -> ok
/// spared                        what 'skip' answers, of the present model and images
/// dense                         computes everything again -> ok
/// difference                    largest difference to the dense logits where scorers are forced to keep all, as a share of the largest logit
/// </remarks>
internal sealed class SkippingWorker : ModelWorker
{
    private readonly IDisposable _noGrad = no_grad();
    private PatchSkipModel? _skipping;

    public override string Answer(string[] command)
    {
        switch (command)
        {
            case ["skip", var method, var saved]:
                return Skip(method == "topk" ? PatchSkipMethod.LearnedTopK : PatchSkipMethod.Learned, method != "kept", double.Parse(saved, CultureInfo.InvariantCulture));
            case ["open", var file, var dtype]:
                Model?.Dispose();
                _skipping = PatchSkipFile.Load(file);
                Model = _skipping.Backbone;
                Model.Precision = dtype == "bf16" ? ComputePrecision.BFloat16 : ComputePrecision.Float32;
                return "ok";
            case ["cifar", var folder, var batch]:
                Take(CifarImages.Read(Cifar100Set.Open(folder, Cifar100Split.Test), Model!.Configuration, 0, int.Parse(batch, CultureInfo.InvariantCulture)));
                return "ok";
            case ["spared"]:
                return Spared();
            case ["dense"]:
                _skipping = null;
                return "ok";
            case ["difference"]:
                return Difference().ToString("R", CultureInfo.InvariantCulture);
            default:
                return base.Answer(command);
        }
    }

    protected override void Load(string architecture, string file, ComputePrecision precision)
    {
        _skipping = null;
        base.Load(architecture, file, precision);
    }

    protected override void Work() => (_skipping?.forward(Images!) ?? Model!.forward(Images!)).Dispose();

    private string Skip(PatchSkipMethod method, bool context, double saved)
    {
        var layers = PatchSkipConfiguration.UsualLayers(Model!.Configuration);
        int patches = Model.Configuration.ResolutionOf(0) * Model.Configuration.ResolutionOf(0);
        var configuration = new PatchSkipConfiguration { Method = method, ContextAttention = context, ShiftsIdle = true, Input = ScorerInput.TokenAndClass, Layers = [.. layers.Select(l => l with { PatchesKept = method == PatchSkipMethod.LearnedTopK ? patches : null })] };
        var macs = new SkipMacs(Model.Configuration, configuration);
        int kept = Enumerable.Range(0, patches + 1).Last(k => macs.Saved(macs.Executed([.. layers.Select(_ => k)])) >= saved);
        _skipping = PatchSkipModel.Create(Model, configuration, seed: 1); // lives as long as the model, which is disposed
        for (int i = 0; i < layers.Count; i++) // what a layer sees depends on the thresholds before it
        {
            var layer = layers[i] with { PatchesKept = method == PatchSkipMethod.LearnedTopK ? kept : null, ScoreThreshold = Threshold(i, kept, patches) };
            _skipping.Configuration = _skipping.Configuration with { Layers = [.. _skipping.Configuration.Layers.Select((l, at) => at == i ? layer : l)] };
        }
        return Spared();
    }

    private string Spared()
    {
        using var result = _skipping!.Run(Images!);
        var tokens = result.Images.SelectMany(image => image.Tokens).ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{_skipping.Macs.Saved(result.Images.Average(image => (double)image.ExecutedMacs)):R} {tokens.Min()} {tokens.Max()}");
    }

    /// <summary>The threshold by which a layer keeps so many patches of an image on average.</summary>
    private double Threshold(int index, int kept, int patches)
    {
        using var result = _skipping!.Run(Images!, SkipDetails.Scores);
        var scores = result.Images.SelectMany(image => image.Scores!.Skip(index * patches).Take(patches)).OrderDescending().ToList();
        int at = kept * result.Images.Count;
        double middle = at == 0 ? double.PositiveInfinity : at == scores.Count ? double.NegativeInfinity : (scores[at - 1] + scores[at]) / 2;
        return 1 / (1 + Math.Exp(-middle));
    }

    private double Difference()
    {
        using var scope = NewDisposeScope();
        var usual = _skipping!.Configuration;
        _skipping.Configuration = usual with { Method = PatchSkipMethod.Learned, Layers = [.. usual.Layers.Select(l => new PatchSkipLayer(l.Layer) { ScoreThreshold = 0 })] };
        var (all, dense) = (_skipping.forward(Images!), Model!.forward(Images!));
        _skipping.Configuration = usual;
        return ((all - dense).abs().max() / dense.abs().max()).to(ScalarType.Float64).item<double>();
    }

    public override void Dispose()
    {
        _noGrad.Dispose();
        _skipping?.Dispose();
        base.Dispose();
    }
}
