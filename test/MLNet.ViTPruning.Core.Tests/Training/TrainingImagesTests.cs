using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Training;

namespace MLNet.ViTPruning.Tests.Training;

[TestClass]
public class TrainingImagesTests
{
    [TestMethod]
    public void FromCifar100_GivesPixelsAndFineLabels()
    {
        string folder = Directory.CreateTempSubdirectory("vitpruning-").FullName;
        try
        {
            var planes = Enumerable.Range(0, 5).Select(i => { var b = new byte[3072]; new Random(i).NextBytes(b); return b; }).ToArray();
            Cifar100Binary.Write(Path.Combine(folder, "train.bin"), planes.Select((b, i) => (10 * i, i, (ReadOnlyMemory<byte>)b)));
            var images = TrainingImages.FromCifar100(Cifar100Set.Open(folder, Cifar100Split.Train));
            Assert.AreEqual(5, images.Count);
            for (int i = 0; i < 5; i++)
            {
                Assert.AreEqual(10 * i, images.LabelOf(i));
                CollectionAssert.AreEqual(RgbImage.FromPlanar(32, 32, planes[i]).Pixels.ToArray(), images.Read(i).Pixels.ToArray());
            }
            var first = TrainingImages.Range(images, 0, 2);
            Assert.AreEqual((2, 10), (first.Count, first.LabelOf(1)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Subset_MapsItsIndicesAndRefusesOthers()
    {
        var images = new TestImages(10);
        var subset = TrainingImages.Subset(images, [7, 2, 7]);
        Assert.AreEqual(3, subset.Count);
        Assert.AreEqual(2, subset.LabelOf(1));
        Assert.AreEqual(7, subset.Read(2).Pixels[0]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => TrainingImages.Subset(images, [3, 10])).Message, "Index 10 is none of the 10 images");
        Assert.ThrowsExactly<ArgumentException>(() => TrainingImages.Range(images, 5, 6));
        Assert.ThrowsExactly<ArgumentException>(() => TrainingImages.Range(images, -1, 2));
    }

    [TestMethod]
    public void FromMemory_NeedsAsManyLabelsAsImages()
    {
        var image = TestImages.Generated(0, 4, 4);
        Assert.AreSame(image, TrainingImages.FromMemory([image], [3]).Read(0));
        Assert.ThrowsExactly<ArgumentException>(() => TrainingImages.FromMemory([image], [3, 4]));
    }
}
