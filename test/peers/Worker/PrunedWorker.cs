using System.Globalization;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Surgery;
using MLNet.ViTPruning.Pruning.Unified;
using ModelSize = MLNet.ViTPruning.Measurement.ModelSize;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Peers;

/// <summary>Comparison 'pruned': forward passes of a pruned model in one process, of the dense one in another.</summary>
/// <remarks>
/// open FILE DTYPE               a model file, pruned or not           -> its preset's name
/// dense FILE DTYPE              random weights of that preset, with as many classes as the file's model -> ok
/// keep MLP ATTENTION            cuts the model to these keep ratios   -> ok
/// budget RATIO                  cuts it to a share of the MACs, each block as far as its scores say     -> ok
/// structured UNIT RATIO         cuts it to a share of the MACs by structured DIMAP, channels or heads, widths in multiples of 8 -> ok
/// image                         side of the model's images in pixels  -> a number
/// macs                          multiply-adds for one image           -> a number
/// computed                      the precision that products have      -> Float32 or BFloat16
/// profile SECONDS               where the time goes, measured for about so long -> one line of JSON, milliseconds
/// PEERS_BFLOAT16=1 insists on bfloat16 where fp32 would be computed because the CPU is faster in it; kernels are then the standard ones.
/// </remarks>
internal sealed class PrunedWorker : InferenceWorker
{
    private static readonly bool Insists = Environment.GetEnvironmentVariable("PEERS_BFLOAT16") == "1";

    public override string Answer(string[] command)
    {
        switch (command)
        {
            case ["open", var file, var dtype]:
                Take(ModelFile.Load(file), dtype);
                return Model!.Configuration.Architecture ?? "unknown";
            case ["dense", var file, var dtype]:
                using (var pruned = ModelFile.Load(file))
                    Take(VisionModel.Create(ModelPresets.Get(pruned.Configuration.Architecture!).WithClasses(pruned.Configuration.NumClasses), seed: 1), dtype);
                return "ok";
            case ["keep", var mlp, var attention]:
                Prune(new UnifiedPruningOptions { MlpKeepRatio = Number(mlp), AttentionKeepRatio = Number(attention) });
                return "ok";
            case ["budget", var ratio]:
                Prune(new UnifiedPruningOptions { Budget = new PruningBudget(BudgetMeasure.Macs, Number(ratio)) });
                return "ok";
            case ["structured", var unit, var ratio]:
                var cut = new StructuredDimapOptions { AttentionUnit = Enum.Parse<AttentionUnit>(unit, ignoreCase: true), Budget = new(BudgetMeasure.Macs, Number(ratio)), WidthMultiple = 8 };
                Slice(StructuredDimapPlanner.Plan(Model!, cut));
                return "ok";
            case ["image"]:
                return Model!.Configuration.ImageSize.ToString(CultureInfo.InvariantCulture);
            case ["macs"]:
                return ModelSize.Of(Model!.Configuration).Macs.ToString(CultureInfo.InvariantCulture);
            case ["computed"]:
                return Model!.InferencePrecision.ToString();
            case ["profile", var seconds]:
                return PartTimes.Measure(Model!, Images!, Number(seconds)).ToJsonString();
            default:
                return base.Answer(command);
        }
    }

    protected override void Load(string architecture, string file, ComputePrecision precision)
    {
        base.Load(architecture, file, precision);
        Insist();
    }

    private void Take(VisionModel model, string dtype)
    {
        Model?.Dispose();
        Model = model;
        Model.eval();
        Model.Precision = dtype == "bf16" ? ComputePrecision.BFloat16 : ComputePrecision.Float32;
        Insist();
    }

    /// <summary>Chooses and slices as the product does, by the weights' magnitude: which channels go makes no difference to the time.</summary>
    private void Prune(UnifiedPruningOptions options)
    {
        using var noImages = zeros(0, 3, 1, 1);
        var scores = Importances.Of(ImportanceKind.Magnitude).Score(Model!, new ProxyTensor(noImages), new ScoringRequest(options, 1));
        Slice(UnifiedPlanner.Plan(Model!.Configuration, scores, options));
    }

    private void Slice(PruningPlan plan)
    {
        var dense = Model!;
        Model = ModelSlicer.Slice(dense, plan);
        dense.Dispose();
        Insist();
    }

    private void Insist()
    {
        if (Insists && Model!.Precision == ComputePrecision.BFloat16) Model.Kernels = KernelSelection.Standard;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
