using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.ModuleAware;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Pruning.ModuleAware;

/// <summary>Table 1 of the publication: parameters that remain after DIMAP1, 2 and 3, in millions. Its own figures are rounded to 0.1.</summary>
[TestClass]
public sealed class PublishedFiguresTests
{
    [TestMethod]
    [DataRow("swin_base_patch4_window7_224", 0.15, 75.205, 75.2, 13.2)]
    [DataRow("swin_base_patch4_window7_224", 0.35, 58.454, 58.4, 10.2)]
    [DataRow("swin_base_patch4_window7_224", 0.55, 41.703, 41.7, 7.3)]
    [DataRow("swin_small_patch4_window7_224", 0.15, 42.539, 42.5, 7.5)]
    [DataRow("swin_small_patch4_window7_224", 0.35, 33.117, 33.1, 5.8)]
    [DataRow("swin_small_patch4_window7_224", 0.55, 23.695, 23.7, 4.1)]
    [DataRow("swin_tiny_patch4_window7_224", 0.15, 24.407, 24.4, 3.8)]
    [DataRow("swin_tiny_patch4_window7_224", 0.35, 19.231, 19.2, 3.0)]
    [DataRow("swin_tiny_patch4_window7_224", 0.55, 14.055, 14.0, 2.2)]
    public void Counts_OfTheModules_GiveTheTable(string preset, double ratio, double millions, double published, double giga)
    {
        var configuration = ModelPresets.Get(preset);
        var tensors = new List<TensorSparsity>();
        for (int s = 0; s < configuration.Stages.Count; s++)
        {
            long width = configuration.Stages[s].EmbedDim;
            for (int i = 0; i < configuration.Stages[s].Blocks.Count; i++)
            {
                string prefix = $"layers.{s}.blocks.{i}.";
                tensors.Add(new($"{prefix}attn.qkv.weight", WeightModule.Qkv, 3 * width * width, 0, null));
                tensors.Add(new($"{prefix}attn.proj.weight", WeightModule.Projection, width * width, 0, null));
                foreach (var name in (string[])["mlp.fc1.weight", "mlp.fc2.weight"]) tensors.Add(new(prefix + name, WeightModule.Mlp, 4 * width * width, 0, null));
            }
        }
        // All of a module's loss in its first tensor: neither the total nor the nominal count looks at the others.
        var removed = new WeightPlan("dimap", "module", tensors).Modules.ToDictionary(m => m.Module, m => (long)Math.Floor((decimal)ratio * m.Weights));
        var plan = new WeightPlan("dimap", "module", [.. tensors.GroupBy(t => t.Module).SelectMany(m => m.Select((t, i) => t with { Removed = i == 0 ? removed[t.Module] : 0 }))]);

        Assert.AreEqual(millions, (ModelSize.Of(configuration).Parameters - plan.Removed) / 1e6, 0.0005);
        Assert.AreEqual(published, (ModelSize.Of(configuration).Parameters - plan.Removed) / 1e6, 0.06);
        Assert.AreEqual(giga, plan.NominalMacs(configuration) / 1e9, 0.075, "the publication cuts decimals off rather than rounding");
    }

    [TestMethod]
    [DataRow("swin_tiny_patch4_window7_224", 24.407, 19.231, 14.055)]
    [DataRow("swin_small_patch4_window7_224", 42.539, 33.117, 23.695)]
    [DataRow("swin_base_patch4_window7_224", 75.205, 58.454, 41.703)]
    public void NonzeroParameters_AfterDimap_AreTheTables(string preset, double first, double second, double third)
    {
        using var model = VisionModel.CreateEmpty(ModelPresets.Get(preset));
        using (no_grad())
        {
            using var generator = new Generator(1);
            foreach (var parameter in model.parameters()) parameter.normal_(0.01, 0.02, generator);
            foreach (var parameter in model.parameters()) parameter.masked_fill_(parameter.eq(0), 0.01);
        }
        foreach (var (ratio, millions) in ((double, double)[])[(0.15, first), (0.35, second), (0.55, third)])
        {
            var plan = WeightPruner.PruneInPlace(model, new DimapOptions { Ratio = ratio });    // what went before goes again
            long left = ModelSize.NonzeroParameters(model);
            Assert.AreEqual(ModelSize.Of(model.Configuration).Parameters - plan.Removed, left);
            Assert.AreEqual(millions, left / 1e6, 0.0005);
            foreach (var module in plan.Modules) Assert.AreEqual((long)Math.Floor((decimal)ratio * module.Weights), module.Removed);
        }
    }
}
