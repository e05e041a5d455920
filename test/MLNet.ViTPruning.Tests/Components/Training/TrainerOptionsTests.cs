using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Distillation;
using MLNet.ViTPruning.Models;
using static MLNet.ViTPruning.Tests.Components.Training.StripedRows;
using TrainerOptions = MLNet.ViTPruning.Components.VisionTransformerTrainer.Options;

namespace MLNet.ViTPruning.Tests.Components.Training;

[TestClass]
public sealed class TrainerOptionsTests
{
    private static readonly MLContext Ml = new(seed: 1);

    [TestMethod]
    public void Trainer_NamesAllFaultsOfItsOptionsAtOnce()
    {
        using var model = TinyData.Model();
        var options = new TrainerOptions
        {
            Epochs = 0,
            ValidationSetFraction = 1,
            Resume = true,
            ImageMemoryBytes = -1,
            GpuDeviceId = -2,
            ImageColumnName = " ",
            ScoreColumnName = "Same",
            PredictedLabelColumnName = "Same",
            Architecture = "vit_gigantic",
            Model = model,
            ScoringBatchSize = 0,
        };
        var message = Assert.ThrowsExactly<ArgumentException>(() => Ml.MulticlassClassification.Trainers.VisionTransformer(options)).Message;
        foreach (var part in new[] { "Epochs is 0", "ValidationSetFraction is 1", "Resume", "ImageMemoryBytes is -1", "GpuDeviceId is -2", "ImageColumnName",
            "'Same'", "'vit_gigantic'", "Architecture and Model are given", "ScoringBatchSize is 0" }) StringAssert.Contains(message, part);
    }

    [TestMethod]
    public void Trainer_TakesOneSource_AndAPresetBesideAFile()
    {
        var trainers = Ml.MulticlassClassification.Trainers;
        trainers.VisionTransformer();
        trainers.VisionTransformer(architecture: "vit_patch4_32");
        Assert.ThrowsExactly<FileNotFoundException>(() => trainers.VisionTransformer(new TrainerOptions { Weights = "none.pth", Architecture = "vit_patch4_32" }));
        Assert.ThrowsExactly<ArgumentException>(() => trainers.VisionTransformer(new TrainerOptions { Configuration = Configuration, Architecture = "vit_patch4_32" }));
        Assert.ThrowsExactly<ArgumentException>(() => trainers.VisionTransformer(new TrainerOptions { Configuration = Configuration with { PatchSize = 3 } }));
        Assert.ThrowsExactly<ArgumentException>(() => trainers.VisionTransformer(new TrainerOptions { Plan = "{}" }));
        Assert.ThrowsExactly<ArgumentException>(() => trainers.VisionTransformer(new TrainerOptions { Configuration = Configuration, ReplaceHead = true }));
    }

    [TestMethod]
    public void DistillViT_NamesAllFaultsOfItsOptionsAtOnce()
    {
        using var model = TinyData.Model();
        var options = new DistillOptions { Epochs = -1, Alpha = -1, Temperature = 0, Kind = (DistillationKind)7, Teacher = model, TeacherWeights = "x", LabelWeight = -2, HiddenWeight = -3, View = TeacherView.Clean };
        var message = Assert.ThrowsExactly<ArgumentException>(() => Ml.Transforms.DistillViT(options)).Message;
        foreach (var part in new[] { "Epochs is -1", "Alpha is -1", "Temperature is 0", "Kind is 7", "LabelWeight is -2", "HiddenWeight is -3", "Both Teacher and TeacherWeights" }) StringAssert.Contains(message, part);
        Assert.ThrowsExactly<FileNotFoundException>(() => Ml.Transforms.DistillViT(new DistillOptions { TeacherWeights = "none.safetensors" }));
    }

    [TestMethod]
    public void Fit_OnAWrongSchema_SaysWhatItExpectedAndGot()
    {
        var data = Labelled(Ml, Rows(4));
        var trainer = Ml.MulticlassClassification.Trainers.VisionTransformer(FromScratch());
        foreach (var (estimator, part) in new[]
        {
            (Ml.MulticlassClassification.Trainers.VisionTransformer(FromScratch() with { LabelColumnName = "Id" }), "Schema mismatch for input column 'Id': expected a key of UInt32"),
            (Ml.MulticlassClassification.Trainers.VisionTransformer(FromScratch() with { LabelColumnName = "Nothing" }), "Could not find input column 'Nothing'"),
            (Ml.MulticlassClassification.Trainers.VisionTransformer(FromScratch() with { ImageColumnName = "Label" }), "Schema mismatch for input column 'Label': expected image"),
            (Ml.MulticlassClassification.Trainers.VisionTransformer(FromScratch() with { ImageColumnName = "Nothing" }), "Could not find input column 'Nothing'"),
        })
        {
            var fault = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.Fit(data));
            StringAssert.Contains(fault.Message, part);
            Assert.AreEqual("inputSchema", fault.ParamName);
            var chain = Ml.Transforms.CopyColumns("Identity", "Id").Append(estimator);
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Fit(data)).Message, part);
        }
        Assert.IsNotNull(trainer);
    }

    [TestMethod]
    public void Fit_WithoutAModelUpstream_NamesTheRemedies()
    {
        var data = Labelled(Ml, Rows(4));
        var message = Assert.ThrowsExactly<InvalidOperationException>(() => Ml.MulticlassClassification.Trainers.VisionTransformer().Fit(data)).Message;
        StringAssert.Contains(message, "ScoreViT");
        StringAssert.Contains(message, "Architecture");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Ml.Transforms.DistillViT(new()).Fit(data)).Message, "ScoreViT");
    }

    [TestMethod]
    public void DistillViT_RefusesATeacherThatDoesNotFit()
    {
        var data = Labelled(Ml, Rows(10));
        using var student = TinyData.Model();
        using var other = VisionModel.Create(Configuration with { NumClasses = 7, Preprocessing = MLNet.ViTPruning.Imaging.Preprocessing.ImageNet });
        using var scored = Ml.Transforms.ScoreViT(new ScoreViTOptions { Model = student }).Fit(data);
        var estimator = Ml.Transforms.DistillViT(new DistillOptions { Teacher = other });
        var message = Assert.ThrowsExactly<ArgumentException>(() => estimator.Fit(scored.Transform(data))).Message;
        StringAssert.Contains(message, "7 classes");
        StringAssert.Contains(message, "preprocessing");
    }
}
