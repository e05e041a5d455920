// Makes a Swin smaller by structured DIMAP: whole heads and MLP channels go, no image is looked at. Arguments: [MODEL.safetensors [OUT.zip]]
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Unified;

using var swin = args.Length > 0 ? ModelFile.Load(args[0]) : VisionModel.Create(ModelPresets.Get("swin_patch2_window4_32"));    // random weights show how it is done
var ml = new MLContext();
IDataView empty = ml.Data.LoadFromEnumerable(Array.Empty<Row>());

using var fitted = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = swin })
    .Append(ml.Transforms.PruneViT(new StructuredDimapOptions
    {
        Budget = new PruningBudget(BudgetMeasure.Macs, 0.67),               // the same share of heads and of MLP channels, over all stages
        AttentionUnit = AttentionUnit.Heads,                                // with their columns of the relative position biases
        WidthMultiple = 8,
    }))
    .Fit(empty);
var pruned = fitted.LastTransformer;

Console.WriteLine("block  heads      MLP channels");
foreach (var (before, after, i) in swin.Configuration.Blocks.Zip(pruned.Model.Configuration.Blocks, Enumerable.Range(0, int.MaxValue)))
    Console.WriteLine($"{i,5}  {before.Heads,2} -> {after.Heads,2}   {before.MlpHiddenDim,4} -> {after.MlpHiddenDim,4}");
var (dense, small) = (ModelSize.Of(swin.Configuration), ModelSize.Of(pruned.Model.Configuration));
Console.WriteLine($"parameters {dense.Parameters:N0} -> {small.Parameters:N0}, MACs {dense.Macs:N0} -> {small.Macs:N0}");

if (args.Length < 2) return;
ml.Model.Save(fitted.CompactViT(), empty.Schema, args[1]);                  // DistillViT behind PruneViT, with images, wins accuracy back
Console.WriteLine($"{args[1]}: {new FileInfo(args[1]).Length / 1e6:0.0} MB");

internal sealed class Row
{
    [ImageType]
    public MLImage? Image { get; set; }
}
