using System.Globalization;
using System.Xml.Linq;
using MLNet.ViTPruning.Charts;
using MLNet.ViTPruning.Training;
using MLNet.ViTPruning.Training.Runs;

namespace MLNet.ViTPruning.Core.Tests.Training.Runs;

[TestClass]
public sealed class CurvesSvgTests
{
    [TestMethod]
    public void Points_StandWhereTheLabelledTicksSayTheyShould()
    {
        var svg = Parse(CurvesSvg.Of([Epoch(1, 3.5, 3.2, 20), Epoch(2, 2.5, 2.75, 35), Epoch(3, 2, 2.6, 38.5)]));
        var loss = Points(svg, "train");
        Assert.HasCount(3, loss);
        var (up, across) = (Labels(svg, "end"), Labels(svg, "middle"));
        Assert.AreEqual(up["2"] - 4, loss[2].Y, 0.02);                       // labels stand 4 below their line
        Assert.AreEqual((up["2.5"] + up["3"]) / 2 - 4, Points(svg, "validation")[1].Y, 0.26 * (up["2.5"] - up["3"]));
        Assert.AreEqual(across["2"], loss[1].X, 0.02);
        Assert.IsTrue(loss[0].Y < loss[1].Y && loss[1].Y < loss[2].Y);      // a falling loss falls
        Assert.IsTrue(Points(svg, "accuracy")[0].Y > Points(svg, "accuracy")[2].Y);
        Assert.HasCount(3, Points(svg, "rate"));
    }

    [TestMethod]
    public void WithoutValidation_ShowsLossAndLearningRateAlone()
    {
        var svg = Parse(CurvesSvg.Of([Epoch(1, 3, null, null), Epoch(2, 2, null, null)]));
        Assert.HasCount(2, Points(svg, "train"));
        Assert.HasCount(2, Points(svg, "rate"));
        Assert.IsEmpty(Elements(svg, "polyline", "validation").Concat(Elements(svg, "polyline", "accuracy")));
        Assert.DoesNotContain("validation", string.Concat(Elements(svg, "text").Select(text => text.Value)));
    }

    [TestMethod]
    public void OneEpoch_IsADotInThePicture()
    {
        var svg = Parse(CurvesSvg.Of([Epoch(1, 3, 3.1, 12)]));
        foreach (string kind in (string[])["train", "validation", "accuracy", "rate"])
        {
            var dot = Elements(svg, "circle", $"{kind} dot").Single();
            Assert.IsTrue(Value(dot, "cx") is > 64 and < 684 && Value(dot, "cy") is > 50 and < 510, kind);
        }
    }

    [TestMethod]
    public void EpochsWithoutANumber_AreGaps()
    {
        var svg = Parse(CurvesSvg.Of([Epoch(1, 3, 3, 1), Epoch(2, double.NaN, 3, 1), Epoch(3, 2, 3, 1), Epoch(4, double.PositiveInfinity, 3, 1), Epoch(5, 1, 3, 1)]));
        Assert.HasCount(3, Elements(svg, "polyline", "train"));
        Assert.DoesNotContain("NaN", svg.ToString());
    }

    [TestMethod]
    public void ATitleIsEscapedAndCultureDoesNotMatter()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            string there = CurvesSvg.Of([Epoch(1, 3.21, 2.5, 1.5), Epoch(2, 2.17, 2.4, 2.5)], "a < b & \"c\"");
            CultureInfo.CurrentCulture = comma;
            Assert.AreEqual(there, CurvesSvg.Of([Epoch(1, 3.21, 2.5, 1.5), Epoch(2, 2.17, 2.4, 2.5)], "a < b & \"c\""));
            Assert.AreEqual("a < b & \"c\"", Elements(Parse(there), "text", "title").Single().Value);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    [DataRow(0.0, 1.0, "0 0.2 0.4 0.6 0.8 1")]
    [DataRow(1.98, 4.61, "1 2 3 4 5")]
    [DataRow(0.0, 0.0005, "0 1e-4 2e-4 3e-4 4e-4 5e-4")]
    [DataRow(61.3, 64.9, "61 62 63 64 65")]
    [DataRow(100.0, 100.0, "0 20 40 60 80 100")]
    [DataRow(0.0, 0.0, "-1 -0.5 0 0.5 1")]
    public void Ticks_AreRoundNumbersAroundTheValues(double low, double high, string labels)
    {
        var axis = ChartAxis.Round([low, high], 100, 0);
        Assert.AreEqual(labels, string.Join(' ', axis.Ticks.Select(ChartAxis.Label)));
        Assert.IsTrue(axis.At(low) is >= 0 and <= 100 && axis.At(high) is >= 0 and <= 100);
    }

    [TestMethod]
    public void ManyEpochs_HaveFewWholeTicks()
    {
        var axis = ChartAxis.Counted(1, 300, 0, 100);
        Assert.AreEqual("50 100 150 200 250 300", string.Join(' ', axis.Ticks.Select(ChartAxis.Label)));
        Assert.AreEqual("1 2 3", string.Join(' ', ChartAxis.Counted(1, 3, 0, 100).Ticks.Select(ChartAxis.Label)));
    }

    private static TrainingMetrics Epoch(int epoch, double loss, double? validationLoss, double? accuracy) =>
        new(epoch, 10 * epoch, 1e-3 / epoch, loss, validationLoss, accuracy, 100, 0.01, 0, 5);

    private static XElement Parse(string svg) => XDocument.Parse(svg).Root!;

    private static List<XElement> Elements(XElement svg, string name, string? kind = null) =>
        [.. svg.Descendants(svg.Name.Namespace + name).Where(element => kind is null || (string?)element.Attribute("class") == kind)];

    private static double Value(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    private static List<(double X, double Y)> Points(XElement svg, string kind) =>
        [.. Elements(svg, "circle", $"{kind} dot").Select(dot => (Value(dot, "cx"), Value(dot, "cy")))];

    // The upper panel's labels come first; later ones of the same text are other panels'.
    private static Dictionary<string, double> Labels(XElement svg, string anchor) => Elements(svg, "text")
        .Where(text => (string?)text.Attribute("text-anchor") == anchor).DistinctBy(text => text.Value).ToDictionary(text => text.Value, text => Value(text, anchor == "end" ? "y" : "x"));
}
