using MLNet.ViTPruning.Charts;

namespace MLNet.ViTPruning.Core.Tests.Charts;

[TestClass]
public sealed class ChartCanvasTests
{
    private static IEnumerable<object[]> Kinds => ChartColours.OfKind.Keys.Select(kind => new object[] { kind });

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void SvgStyle_HasEachKindsColour_ForLightAndThenForDarkPages(string kind)
    {
        var (light, dark) = ChartColours.OfKind[kind];
        var svg = new SvgCanvas(10, 10, "chart").ToString();
        var pages = svg.Split("@media (prefers-color-scheme: dark)");
        string selector = kind == ChartColours.Text ? "\ntext" : $".{kind}";

        Assert.HasCount(2, pages);
        foreach (var (page, colour) in new[] { (pages[0], light), (pages[1], dark) })
            Assert.IsTrue(page.Contains($"{selector} {{ fill: #{colour:x6} }}") || page.Contains($"{selector} {{ stroke: #{colour:x6} }}"), page);
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void PixelsOfALine_HaveTheKindsColour_OfLightPages(string kind)
    {
        var canvas = new PixelCanvas(4, 4);
        canvas.Line(0, 2, 4, 2, kind, width: 2);

        int centre = 3 * (4 * 8 + 4), colour = ChartColours.OfKind[kind].Light;
        CollectionAssert.AreEqual(new[] { (byte)(colour >> 16), (byte)(colour >> 8), (byte)colour }, canvas.ToImage().Pixels.Slice(centre, 3).ToArray());
    }
}
