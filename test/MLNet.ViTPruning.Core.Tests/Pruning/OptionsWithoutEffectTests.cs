using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Pruning.Depth;
using MLNet.ViTPruning.Pruning.Recovery;
using MLNet.ViTPruning.Pruning.Unified;

namespace MLNet.ViTPruning.Tests.Pruning;

[TestClass]
public sealed class OptionsWithoutEffectTests
{
    [TestMethod]
    public void WhatHasNoEffect_IsRefusedByName_AllAtOnce()
    {
        var none = new RecoveryOptions { Method = RecoveryMethod.None, Images = 3, Ridge = 0.1 };
        Refused(new UnifiedPruningOptions { Importance = ImportanceKind.Magnitude, ProxyImages = 5, FisherDraws = 2, ExactImages = 3, ExactImagePasses = 4, BatchSize = 7, Recovery = none },
            "ProxyImages", "FisherDraws", "ExactImages", "ExactImagePasses", "BatchSize", "Recovery.Images", "Recovery.Ridge");
        Refused(new UnifiedPruningOptions { Importance = ImportanceKind.Fisher, ExactImages = 3 }, "ExactImages is 3; it has an effect with Auto only: leave it at 64.");
        Refused(new UnifiedPruningOptions { ExactImages = 3, ExactImagePasses = 0 }, "ExactImages is 3; it has an effect with ExactImagePasses above 0 only");
        Refused(new UnifiedPruningOptions { Recovery = new() { Method = RecoveryMethod.MeanShift, Ridge = 0.1 } }, "Recovery.Ridge is 0.1");
        Refused(new DepthPruningOptions { Removals = 1, Recovery = none }, "Recovery.Images", "Recovery.Ridge");
        Refused(new ApplyPlanOptions { Plan = Channels, Recovery = new() { Method = RecoveryMethod.None }, BatchSize = 8 }, "BatchSize");
        Refused(new ApplyPlanOptions { Plan = null! }, "Plan is null");
        Refused(new DepthPruningOptions { Removals = 1, AfterRemoval = model => model, FineTune = new() { Epochs = 0, Images = 0, BatchSize = 0, LearningRate = 0 } },
            "FineTune and AfterRemoval", "FineTune.Epochs", "FineTune.Images", "FineTune.BatchSize", "FineTune.LearningRate");
    }

    [TestMethod]
    public void WhatHasAnEffect_OrIsTheDefault_Passes()
    {
        foreach (var kind in Enum.GetValues<ImportanceKind>()) new UnifiedPruningOptions { Importance = kind, Recovery = new() { Method = RecoveryMethod.None } }.Validate();
        new UnifiedPruningOptions { ExactImages = 3, ExactImagePasses = 4, FisherDraws = 2, BatchSize = 7, ProxyImages = 5, Recovery = new() { Images = 4, Ridge = 0.1 } }.Validate();
        new UnifiedPruningOptions { Importance = ImportanceKind.Random, BatchSize = 7 }.Validate();    // recovery has batches too
        new ApplyPlanOptions { Plan = Depth, Recovery = new() { Images = 9 }, BatchSize = 8 }.Validate();
        new ApplyPlanOptions { Plan = Depth, Recovery = new() { Method = RecoveryMethod.None } }.Validate();
        new DepthPruningOptions { Removals = 1, FineTune = new() }.Validate();
    }

    private static PruningPlan Channels => new("unified", "none", []);

    private static DepthPlan Depth => new("kl", 1, [], []);

    private static void Refused(PruningOptions options, params string[] mentions)
    {
        var error = Assert.ThrowsExactly<ArgumentException>(options.Validate);
        foreach (string mention in mentions) StringAssert.Contains(error.Message, mention);
    }
}
