using MLNet.ViTPruning.Training.Augmentations;

namespace MLNet.ViTPruning.Tests.Training.Augmentations;

[TestClass]
public class AugmentationOptionsTests
{
    public static IEnumerable<object[]> Rows => AugmentationOptions.Presets.Select(p => new object[] { p.Key });

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void Presets_AreValidAndOnlyNoneChangesNothing(string name)
    {
        var preset = AugmentationOptions.Presets[name];
        Assert.IsEmpty(preset.Faults().OfType<string>());
        Assert.AreEqual(name != "none", preset.Changes);
    }

    [TestMethod]
    public void Faults_NamesEachOptionAndItsValue()
    {
        var options = new AugmentationOptions
        {
            CropPadding = -1,
            HorizontalFlip = 1.5,
            CutMixShare = double.NaN,
            RandomResizedCrop = new RandomResizedCrop { MinArea = 0.9, MaxArea = 0.5, MinAspectRatio = 0 },
            RandomErasing = new RandomErasing { Probability = 2, Fill = (ErasingFill)9 },
            CutMix = new CutMix { Alpha = 0 },
            Mixup = new Mixup { Alpha = -1 },
        };
        string all = string.Join(" ", options.Faults().OfType<string>());
        foreach (string part in new[]
        {
            "CropPadding is -1", "HorizontalFlip is 1.5", "CutMixShare is NaN", "RandomResizedCrop.MinArea is 0.9", "RandomResizedCrop.MinAspectRatio is 0;",
            "RandomErasing.Probability is 2", "RandomErasing.Fill is 9", "CutMix.Alpha is 0", "Mixup.Alpha is -1", "are both set",
        }) StringAssert.Contains(all, part);
    }
}
