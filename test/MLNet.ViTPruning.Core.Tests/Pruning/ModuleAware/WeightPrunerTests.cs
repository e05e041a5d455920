using MLNet.ViTPruning.Measurement;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning.ModuleAware;
using MLNet.ViTPruning.Pruning.Unified;
using TorchSharp;
using static TorchSharp.torch;
using static MLNet.ViTPruning.Tests.Training.TrainerFixture;

namespace MLNet.ViTPruning.Tests.Pruning.ModuleAware;

[TestClass]
public sealed class WeightPrunerTests
{
    [TestMethod]
    [DataRow("vit")]
    [DataRow("distilled")]
    [DataRow("swin")]
    [DataRow("pvt")]
    public void Prune_ByModule_MasksWhatAListOfAllScoresSays_AndNothingElse(string kind)
    {
        using var model = TinyModels.Of(kind);
        var expected = NaiveWeightPruning.Dimap(model, 0.35);
        var before = model.state_dict().ToDictionary(w => w.Key, w => Values(w.Value));

        var (pruned, plan) = WeightPruner.Prune(model, new DimapOptions());

        using (pruned)
        {
            CollectionAssert.AreEquivalent(expected.Keys, pruned.WeightMasks.Keys.ToList());
            foreach (var (name, weight) in pruned.state_dict())
            {
                float[] after = Values(weight);
                if (expected.TryGetValue(name, out bool[]? kept))
                {
                    CollectionAssert.AreEqual(kept, MaskOf(pruned, name), name);
                    CollectionAssert.AreEqual(before[name].Zip(kept, (w, k) => k ? w : 0f).ToArray(), after, name);
                }
                else CollectionAssert.AreEqual(before[name], after, name);
                CollectionAssert.AreEqual(before[name], Values(model.state_dict()[name]), "the model itself is not changed");
            }
            Assert.IsEmpty(model.WeightMasks);
            foreach (var module in plan.Modules) Assert.AreEqual((long)Math.Floor(0.35m * module.Weights), module.Removed);
            Assert.AreEqual(ModelSize.Of(model.Configuration).Parameters - plan.Removed, ModelSize.NonzeroParameters(pruned));
        }
    }

    [TestMethod]
    public void Prune_WithRatiosOfTheirOwn_GivesEachModuleItsOwn()
    {
        using var model = TinyModels.Swin();
        var plan = WeightPruner.PruneInPlace(model, new DimapOptions { Ratio = 0.2, QkvRatio = 0, ProjectionRatio = 0.9 });
        CollectionAssert.AreEqual(new long[] { 0, (long)(0.9m * plan.Modules[1].Weights), (long)(0.2m * plan.Modules[2].Weights) }, plan.Modules.Select(m => m.Removed).ToArray());
        Assert.IsNull(plan.Modules[0].Threshold);
        Assert.IsTrue(plan.Modules[1].Threshold > plan.Modules[2].Threshold);
    }

    [TestMethod]
    public void Prune_ByModel_HasOneThreshold_AndEmptiesNoLayer()
    {
        using var model = TinyModels.Swin();
        var tensors = model.named_parameters().Where(p => p.Item1.EndsWith("qkv.weight") || p.Item1.EndsWith("attn.proj.weight") || p.Item1.EndsWith("fc1.weight") || p.Item1.EndsWith("fc2.weight")).ToList();
        long removed = (long)Math.Floor(0.97m * tensors.Sum(t => t.Item2.numel()));
        var expected = NaiveWeightPruning.Kept([.. tensors.Select(t => Values(t.Item2))], removed, relative: true);

        var plan = WeightPruner.PruneInPlace(model, new DimapOptions { Scope = DimapScope.Model, Ratio = 0.97 });

        Assert.AreEqual(removed, plan.Removed);
        Assert.HasCount(1, plan.Tensors.Select(t => t.Threshold).Distinct().ToList());
        Assert.IsTrue(plan.Tensors.All(t => t.Removed < t.Weights));
        for (int i = 0; i < tensors.Count; i++) CollectionAssert.AreEqual(expected[i], MaskOf(model, tensors[i].Item1), tensors[i].Item1);
    }

    [TestMethod]
    public void Prune_ByMagnitude_IsUniformOrGlobal()
    {
        using var uniform = TinyModels.Vit();
        using var global = TinyModels.Vit();
        using (no_grad()) global.state_dict()["blocks.1.mlp.fc2.weight"].mul_(1e-3f);

        var each = WeightPruner.PruneInPlace(uniform, new MagnitudeOptions { Ratio = 0.5 });
        var all = WeightPruner.PruneInPlace(global, new MagnitudeOptions { Ratio = 0.5, Scope = MagnitudeScope.Global });

        Assert.IsTrue(each.Tensors.All(t => t.Removed == t.Weights / 2));
        var emptied = all.Tensors.Single(t => t.Name == "blocks.1.mlp.fc2.weight");
        Assert.AreEqual(emptied.Weights, emptied.Removed, "a layer of small weights loses all of them");
        Assert.AreEqual(all.Weights / 2, all.Removed);
        foreach (var tensor in each.Tensors)
        {
            float[] kept = Values(uniform.state_dict()[tensor.Name]);
            double threshold = kept.Where(w => w != 0).Min(w => Math.Abs((double)w));
            Assert.IsTrue(tensor.Threshold <= threshold);
        }
    }

    [TestMethod]
    [DataRow(BudgetMeasure.Parameters, 0.6)]
    [DataRow(BudgetMeasure.Macs, 0.6)]
    [DataRow(BudgetMeasure.Parameters, 0.437)]
    public void Prune_ToABudget_KeepsItAndNoMuchLess(BudgetMeasure measure, double keep)
    {
        var budget = new PruningBudget(measure, keep);
        foreach (var options in (WeightPruningOptions[])[new DimapOptions { Budget = budget }, new DimapOptions { Budget = budget, Scope = DimapScope.Model },
            new MagnitudeOptions { Budget = budget }, new MagnitudeOptions { Budget = budget, Scope = MagnitudeScope.Global }])
        {
            using var model = TinyModels.Swin();
            var plan = WeightPruner.PruneInPlace(model, options);
            var size = ModelSize.Of(model.Configuration);
            double left = measure == BudgetMeasure.Macs ? (double)ModelSize.NonzeroMacs(model) / size.Macs : (double)(size.Parameters - plan.Removed) / size.Parameters;
            Assert.IsLessThanOrEqualTo(keep, left);
            Assert.AreEqual(keep, left, 2e-3);
            if (options is DimapOptions { Scope: DimapScope.Module }) Assert.HasCount(1, plan.Modules.Select(m => Math.Round((double)m.Removed / m.Weights, 2)).Distinct().ToList());
        }
    }

    [TestMethod]
    public void Prune_ASecondTime_KeepsWhatWasMasked()
    {
        using var model = TinyModels.Swin();
        WeightPruner.PruneInPlace(model, new MagnitudeOptions { Ratio = 0.5 });
        var before = model.WeightMasks.ToDictionary(m => m.Key, m => MaskOf(model, m.Key));
        var plan = WeightPruner.PruneInPlace(model, new DimapOptions { Ratio = 0.2 });
        Assert.IsTrue(plan.Tensors.All(t => t.Removed == t.Weights / 2));
        foreach (var (name, mask) in before) CollectionAssert.AreEqual(mask, MaskOf(model, name));
    }

    [TestMethod]
    public void Prune_LeavesNoTensorsBehind()
    {
        using var model = TinyModels.Swin();
        long before = LiveTensors.AfterCollection();
        WeightPruner.Prune(model, new DimapOptions()).Model.Dispose();
        WeightPruner.Prune(model, new DimapOptions { Budget = new(BudgetMeasure.Macs, 0.7) }).Model.Dispose();
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void Prune_WrongOptions_AreToldAllAtOnce()
    {
        using var model = TinyModels.Vit();
        string Message(WeightPruningOptions options) => Assert.ThrowsExactly<ArgumentException>(() => WeightPruner.Prune(model, options)).Message;
        string all = Message(new DimapOptions { Ratio = 1, QkvRatio = -0.1, MlpRatio = double.NaN, Scope = DimapScope.Model, Budget = new(BudgetMeasure.Macs, 0) });
        foreach (string part in (string[])["Ratio is 1;", "QkvRatio is -0.1", "MlpRatio is NaN", "Scope Module", "Budget takes the place", "KeepRatio is 0;"]) StringAssert.Contains(all, part);
        StringAssert.Contains(Message(new MagnitudeOptions { Scope = (MagnitudeScope)7 }), "Scope");
        StringAssert.Contains(Message(new DimapOptions { Budget = new(BudgetMeasure.Parameters, 0.01) }), "never pruned");
        StringAssert.Contains(Message(new DimapOptions { Budget = new(BudgetMeasure.Macs, 0.01) }), "never pruned");
        using (no_grad()) model.state_dict()["blocks.0.attn.proj.weight"].fill_(float.NaN);
        StringAssert.Contains(Message(new DimapOptions()), "blocks.0.attn.proj.weight has values that are no finite numbers");
        Assert.IsEmpty(model.WeightMasks);
    }

    [TestMethod]
    public void Prune_Cancelled_ChangesNothing()
    {
        using var model = TinyModels.Vit();
        Assert.ThrowsExactly<OperationCanceledException>(() => WeightPruner.PruneInPlace(model, new DimapOptions { CancellationToken = new(true) }));
        Assert.IsEmpty(model.WeightMasks);
    }

    [TestMethod]
    public void Plan_IsReadAgainFromItsJson()
    {
        using var model = TinyModels.Swin();
        var plan = WeightPruner.PruneInPlace(model, new DimapOptions());
        var again = WeightPlan.FromJson(plan.ToJson());
        CollectionAssert.AreEqual(plan.Tensors.ToList(), again.Tensors.ToList());
        Assert.AreEqual(("dimap", "module"), (again.Method, again.Scope));
        Assert.IsTrue(WeightPlan.Is(plan.ToJson()));
        Assert.IsFalse(WeightPlan.Is("""{"method":"unified","blocks":[]}"""));
        Assert.ThrowsExactly<InvalidDataException>(() => WeightPlan.FromJson("""{"method":"dimap"}"""));
    }

    private static bool[] MaskOf(VisionModel model, string name)
    {
        using var values = model.WeightMasks[name].data<bool>();
        return values.ToArray();
    }
}
