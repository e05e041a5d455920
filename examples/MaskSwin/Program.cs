// Prunes single weights of a Swin by DIMAP: no image is looked at, weights become zero and stay so in training. Arguments: [MODEL.safetensors [OUT.zip]]
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.ModuleAware;

using var swin = args.Length > 0 ? ModelFile.Load(args[0]) : VisionModel.Create(ModelPresets.Get("swin_patch2_window4_32"));    // random weights show how it is done
var ml = new MLContext();
IDataView empty = ml.Data.LoadFromEnumerable(Array.Empty<Row>());

using var fitted = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = swin })
    .Append(ml.Transforms.PruneViT(new DimapOptions { Ratio = 0.55 }))     // of the attention and MLP weights; one threshold for each module
    .Fit(empty);
var pruned = fitted.LastTransformer;

var plan = pruned.Pruning!.Weights!;
foreach (var module in plan.Modules) Console.WriteLine($"{module.Module,-11}{module.Weights,10:N0} weights, {(double)module.Removed / module.Weights:P1} masked");
Console.WriteLine("masked, block by block (the relative position biases, norms and merging layers are never pruned):");
foreach (var block in plan.Tensors.GroupBy(tensor => tensor.Name[..tensor.Name.IndexOf('.', "layers.0.blocks.".Length)]))
    Console.WriteLine($"  {block.Key,-19}{string.Join("  ", block.Select(tensor => $"{tensor.Name.Split('.')[^2]} {(double)tensor.Removed / tensor.Weights:P0}"))}");

var size = ModelSize.Of(swin.Configuration);
Console.WriteLine($"parameters {size.Parameters:N0}, not zero {ModelSize.NonzeroParameters(pruned.Model):N0}");
Console.WriteLine($"MACs {size.Macs:N0}, with weights that are not zero {ModelSize.NonzeroMacs(pruned.Model):N0}, as published {plan.NominalMacs(swin.Configuration):N0}; no speed-up");

if (args.Length < 2) return;
ml.Model.Save(fitted.CompactViT(), empty.Schema, args[1]);                 // the masks are inside: a later DistillViT keeps them
Console.WriteLine($"{args[1]}: {new FileInfo(args[1]).Length / 1e6:0.0} MB");

internal sealed class Row
{
    [ImageType]
    public MLImage? Image { get; set; }
}
