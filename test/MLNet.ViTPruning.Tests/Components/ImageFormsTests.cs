using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using static MLNet.ViTPruning.Tests.Components.TinyData;

namespace MLNet.ViTPruning.Tests.Components;

/// <summary>One picture in each accepted form: the scores are the same, from a data view and from a prediction engine.</summary>
[TestClass]
public sealed class ImageFormsTests
{
    [TestMethod]
    public void Scores_DoNotDependOnTheFormOfTheImage()
    {
        var ml = new MLContext(seed: 1);
        using var model = Model();
        var planar = Rows(1)[0];
        var bgra = new byte[4 * Size * Size];
        for (int i = 0; i < Size * Size; i++)
            (bgra[4 * i], bgra[4 * i + 1], bgra[4 * i + 2], bgra[4 * i + 3]) =
                ((byte)planar.Image[2 * Size * Size + i], (byte)planar.Image[Size * Size + i], (byte)planar.Image[i], 255);
        using var image = MLImage.CreateFromPixels(Size, Size, MLPixelFormat.Bgra32, bgra);
        var path = Path.ChangeExtension(Path.GetTempFileName(), ".png");
        try
        {
            image.Save(path);
            var expected = Expected(model, planar);
            AreClose(expected, Score(ml, model, planar));
            AreClose(expected, Score(ml, model, new ImageRow { Image = image }));
            AreClose(expected, Score(ml, model, new BytesRow { Image = File.ReadAllBytes(path) }));
            AreClose(expected, Score(ml, model, new PathRow { Image = path }));
            Assert.AreEqual(Size, image.Width, "the caller's image is still the caller's");
        }
        finally
        {
            File.Delete(path);
        }
    }

    // From the data view, after checking that an engine, asked twice, gives the same.
    private static float[] Score<TRow>(MLContext ml, Models.VisionModel model, TRow row) where TRow : class, new()
    {
        var data = ml.Data.LoadFromEnumerable(new[] { row });
        using var transformer = ml.Transforms.ScoreViT(Options(model)).Fit(data);
        using var engine = ml.Model.CreatePredictionEngine<TRow, Prediction>(transformer);
        var first = engine.Predict(row).Score;
        CollectionAssert.AreEqual(first, engine.Predict(row).Score);
        var scores = ml.Data.CreateEnumerable<Prediction>(transformer.Transform(data), reuseRowObject: false).Single().Score;
        AreClose(first, scores);
        return scores;
    }

    private sealed class ImageRow
    {
        [ImageType(Size, Size)]
        public MLImage? Image { get; set; }
    }

    private sealed class BytesRow
    {
        public byte[] Image { get; set; } = [];
    }

    private sealed class PathRow
    {
        public string Image { get; set; } = "";
    }
}
