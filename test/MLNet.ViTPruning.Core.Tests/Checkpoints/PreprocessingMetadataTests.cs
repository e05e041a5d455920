using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Tests.Checkpoints;

[TestClass]
public sealed class PreprocessingMetadataTests
{
    [TestMethod]
    public void Parse_BothSides_HasNoCrop()
    {
        var p = PreprocessingMetadata.Parse("""{"resize": [224, 224], "crop": null, "interpolation": "bicubic-torch", "clamp": [0, 255], "round": false, "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.5, 0.5]}""", 224);
        Assert.AreEqual(new Preprocessing { Interpolation = Interpolation.BicubicTorch, Mean = [0.5, 0.5, 0.5], Std = [0.25, 0.5, 0.5] }, p);
    }

    [TestMethod]
    public void Parse_ShorterSideAndCrop_IsKept() =>
        Assert.AreEqual(248, PreprocessingMetadata.Parse("""{"resize": 248, "crop": [224, 224], "interpolation": "bicubic-pillow", "mean": [0, 0, 0], "std": [1, 1, 1]}""", 224).ResizeShorterSide);

    [TestMethod]
    [DataRow("""{"resize": 248, "crop": 224""", "not valid")]
    [DataRow("""[]""", "not valid")]
    [DataRow("""{"resize": 248, "crop": 224, "interpolation": "lanczos", "mean": [0,0,0], "std": [1,1,1]}""", "lanczos")]
    [DataRow("""{"resize": 248, "crop": 224, "interpolation": "bilinear", "mean": [0,0], "std": [1,1,1]}""", "mean has 2 values")]
    [DataRow("""{"resize": 248, "crop": 224, "interpolation": "bilinear", "std": [1,1,1]}""", "not valid")]
    [DataRow("""{"resize": 248, "crop": 192, "interpolation": "bilinear", "mean": [0,0,0], "std": [1,1,1]}""", "crop is [192]")]
    [DataRow("""{"resize": 248, "interpolation": "bilinear", "mean": [0,0,0], "std": [1,1,1]}""", "resize is [248]")]
    [DataRow("""{"resize": [256, 256], "interpolation": "bilinear", "mean": [0,0,0], "std": [1,1,1]}""", "resize is [256, 256]")]
    [DataRow("""{"resize": 1e300, "crop": 224, "interpolation": "bilinear", "mean": [0,0,0], "std": [1,1,1]}""", "resizeShorterSide")]
    [DataRow("""{"resize": 248, "crop": 224, "interpolation": "bicubic-torch", "round": true, "mean": [0,0,0], "std": [1,1,1]}""", "round")]
    [DataRow("""{"resize": 248, "crop": 224, "interpolation": "bilinear", "clamp": [0, 1], "mean": [0,0,0], "std": [1,1,1]}""", "clamp")]
    [DataRow("""{"resize": 248, "crop": 224, "interpolation": "bilinear", "shear": 1, "mean": [0,0,0], "std": [1,1,1]}""", "shear")]
    public void Parse_WhatIsBrokenOrUnknown_Throws(string json, string expected) =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => PreprocessingMetadata.Parse(json, 224)).Message, expected);
}
