using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Training;

[TestClass]
public class BatchLoaderTests
{
    private static BatchLoader Loader(ITrainingImages images, int threads = 2, int batch = 8, ulong seed = 5, ModelConfiguration? model = null) =>
        new(images, model ?? TestImages.Model(8), new TrainingOptions { BatchSize = batch, LoaderThreads = threads }, seed, CPU);

    private static List<(int[] Indices, float[] Images, float[] Targets)> Collect(IEnumerable<TrainingBatch> batches)
    {
        var all = new List<(int[], float[], float[])>();
        foreach (var batch in batches)
            using (batch)
                all.Add((batch.Indices, Values(batch.Images), Values(batch.Targets)));
        return all;
    }

    private static float[] Values(Tensor tensor)
    {
        using var values = tensor.data<float>();
        return values.ToArray();
    }

    private static void AreEqual(List<(int[] Indices, float[] Images, float[] Targets)> a, List<(int[] Indices, float[] Images, float[] Targets)> b)
    {
        Assert.HasCount(a.Count, b);
        for (int i = 0; i < a.Count; i++)
        {
            CollectionAssert.AreEqual(a[i].Indices, b[i].Indices);
            CollectionAssert.AreEqual(a[i].Images, b[i].Images);
            CollectionAssert.AreEqual(a[i].Targets, b[i].Targets);
        }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(5)]
    public void Epoch_GivesEqualBatchesForAnyNumberOfThreads(int threads)
    {
        using var one = Loader(new TestImages(61), 1);
        using var several = Loader(new TestImages(61), threads);
        for (int epoch = 0; epoch < 3; epoch++) AreEqual(Collect(one.Epoch(epoch)), Collect(several.Epoch(epoch)));
    }

    [TestMethod]
    public void Epoch_GivesEveryImageOnceAndKeepsThePartialBatch()
    {
        using var loader = Loader(new TestImages(61));
        var batches = Collect(loader.Epoch(3));
        Assert.AreEqual(8, loader.BatchesPerEpoch);
        CollectionAssert.AreEqual(new[] { 8, 8, 8, 8, 8, 8, 8, 5 }, batches.Select(b => b.Indices.Length).ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(0, 61).ToArray(), batches.SelectMany(b => b.Indices).Order().ToArray());
    }

    [TestMethod]
    public void Epoch_HasAnotherOrderForAnotherEpochOrSeed()
    {
        using var loader = Loader(new TestImages(200));
        using var other = Loader(new TestImages(200), seed: 6);
        int[] Order(BatchLoader of, int epoch) => [.. Collect(of.Epoch(epoch)).SelectMany(b => b.Indices)];
        var first = Order(loader, 0);
        CollectionAssert.AreNotEqual(Enumerable.Range(0, 200).ToArray(), first);
        CollectionAssert.AreNotEqual(first, Order(loader, 1));
        CollectionAssert.AreNotEqual(first, Order(other, 0));
        CollectionAssert.AreEqual(first, Order(loader, 0));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(8)]
    public void Epoch_FromAMiddleBatchGivesTheSameRest(int firstBatch)
    {
        using var loader = Loader(new TestImages(61));
        AreEqual(Collect(loader.Epoch(2)).Skip(firstBatch).ToList(), Collect(loader.Epoch(2, firstBatch)));
    }

    [TestMethod]
    public void Epoch_PastItsEndIsRefused()
    {
        using var loader = Loader(new TestImages(61));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => loader.Epoch(0, 9));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => loader.Epoch(-1));
    }

    [TestMethod]
    public void InOrder_GivesStoredOrderAndOneHotLabels()
    {
        using var loader = Loader(new TestImages(20));
        var batches = Collect(loader.InOrder());
        CollectionAssert.AreEqual(Enumerable.Range(0, 20).ToArray(), batches.SelectMany(b => b.Indices).ToArray());
        var targets = batches.SelectMany(b => b.Targets).ToArray();
        for (int i = 0; i < 20; i++)
            for (int k = 0; k < 10; k++) Assert.AreEqual(i % 10 == k ? 1f : 0f, targets[i * 10 + k]);
    }

    [TestMethod]
    [DataRow(8, 8, 8, null, Interpolation.BicubicTorch)]
    [DataRow(8, 8, 20, null, Interpolation.BicubicTorch)]       // resized on the device
    [DataRow(20, 13, 20, null, Interpolation.BicubicTorch)]
    [DataRow(40, 31, 16, null, Interpolation.BicubicTorch)]
    [DataRow(12, 9, 16, 20, Interpolation.BicubicTorch)]
    [DataRow(16, 16, 16, 16, Interpolation.BicubicTorch)]
    [DataRow(8, 8, 20, null, Interpolation.BicubicPillow)]
    [DataRow(40, 31, 16, 18, Interpolation.BicubicPillow)]
    [DataRow(16, 16, 16, 18, Interpolation.BicubicPillow)]
    [DataRow(31, 40, 16, 18, Interpolation.Bilinear)]
    public void InOrder_PreparesAsThePreprocessorDoes(int width, int height, int size, int? shorterSide, Interpolation interpolation)
    {
        var images = Enumerable.Range(0, 5).Select(i => TestImages.Generated(i, width, height)).ToList();
        var model = TestImages.Model(size, interpolation, shorterSide);
        var preprocessor = new ImagePreprocessor(model.Preprocessing, size);
        using var loader = Loader(TrainingImages.FromMemory(images, [0, 1, 2, 3, 4]), batch: 3, model: model);
        var prepared = Collect(loader.InOrder()).SelectMany(b => b.Images).ToArray();
        var expected = new float[preprocessor.Length];
        for (int i = 0; i < images.Count; i++)
        {
            preprocessor.Run(images[i], expected);
            // 1e-4 of the pixel scale, in units of the smallest std
            for (int k = 0; k < expected.Length; k++) Assert.AreEqual(expected[k], prepared[i * expected.Length + k], 1e-4f / 0.25f);
        }
    }

    [TestMethod]
    public void InOrder_TakesImagesOfSeveralSizesInOneBatch()
    {
        (int, int)[] sizes = [(8, 8), (16, 16), (5, 9), (5, 9), (40, 31), (16, 16)];
        var images = sizes.Select((s, i) => TestImages.Generated(i, s.Item1, s.Item2)).ToList();
        var model = TestImages.Model(16);
        var preprocessor = new ImagePreprocessor(model.Preprocessing, 16);
        using var loader = Loader(TrainingImages.FromMemory(images, new int[6]), model: model);
        var prepared = Collect(loader.InOrder()).Single().Images;
        var expected = new float[preprocessor.Length];
        for (int i = 0; i < images.Count; i++)
        {
            preprocessor.Run(images[i], expected);
            for (int k = 0; k < expected.Length; k++) Assert.AreEqual(expected[k], prepared[i * expected.Length + k], 4e-4f);
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    public void Epoch_ABrokenImageIsNamedInItsBatchsPlace(int threads)
    {
        using var good = Loader(new TestImages(61));
        int place = Collect(good.Epoch(0)).FindIndex(b => b.Indices.Contains(17));
        using var loader = Loader(new TestImages(61) { Broken = 17 }, threads);
        int seen = 0;
        var error = Assert.ThrowsExactly<InvalidDataException>(() =>
        {
            foreach (var batch in loader.Epoch(0))
                using (batch) seen++;
        });
        Assert.AreEqual(place, seen);
        Assert.AreEqual("Image 17 cannot be used: The PNG is cut short in its header.", error.Message);
        Assert.IsInstanceOfType<InvalidDataException>(error.InnerException);
    }

    [TestMethod]
    public void Constructor_RefusesNoImagesAndLabelsThatAreNoClass()
    {
        Assert.ThrowsExactly<ArgumentException>(() => Loader(new TestImages(0)));
        var error = Assert.ThrowsExactly<ArgumentException>(() => Loader(new TestImages(30, classes: 11)));
        StringAssert.Contains(error.Message, "Image 10 has label 10; the model has 10 classes");
    }

    [TestMethod]
    public void Epoch_ReadsOnlyAFewBatchesAhead()
    {
        var images = new TestImages(400);
        using var loader = Loader(images);
        using var batches = loader.Epoch(0).GetEnumerator();
        batches.MoveNext();
        batches.Current.Dispose();
        Thread.Sleep(200);
        Assert.IsLessThanOrEqualTo(4 * 8, images.Reads);
    }

    [TestMethod]
    public void Epoch_LeftEarlyStopsItsThreads()
    {
        var images = new TestImages(400) { Delay = TimeSpan.FromMilliseconds(1) };
        using var loader = Loader(images, 4);
        foreach (var batch in loader.Epoch(0))
            using (batch) break;
        int reads = images.Reads;
        Thread.Sleep(50);
        Assert.AreEqual(reads, images.Reads);
        Assert.HasCount(50, Collect(loader.Epoch(0)));      // and the next epoch starts anew
    }

    [TestMethod]
    [Timeout(20_000, CooperativeCancellation = false)]
    public void Dispose_WhileAConsumerWaitsEndsIt()
    {
        var images = new TestImages(400) { Delay = TimeSpan.FromMilliseconds(100) };
        var loader = Loader(images, 2);
        var consumer = Task.Factory.StartNew(() => Collect(loader.Epoch(0)), TaskCreationOptions.LongRunning);
        Thread.Sleep(50);
        loader.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => consumer.GetAwaiter().GetResult());
        int reads = images.Reads;
        Thread.Sleep(250);
        Assert.AreEqual(reads, images.Reads);
        Assert.ThrowsExactly<ObjectDisposedException>(() => Collect(loader.InOrder()));
    }

    [TestMethod]
    [Timeout(20_000, CooperativeCancellation = false)]
    public void Dispose_EndsAnEpochWhoseEnumeratorNobodyDisposes()
    {
        var images = new TestImages(400) { Delay = TimeSpan.FromMilliseconds(1) };
        var loader = Loader(images, 3);
        var abandoned = loader.Epoch(0).GetEnumerator();
        abandoned.MoveNext();
        abandoned.Current.Dispose();
        loader.Dispose();
        int reads = images.Reads;
        Thread.Sleep(50);
        Assert.AreEqual(reads, images.Reads);
        Assert.ThrowsExactly<ObjectDisposedException>(() => abandoned.MoveNext());
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = false)]
    public void Epoch_LeftAtAnyPointNeverHangs()
    {
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            int count = random.Next(1, 40), batch = random.Next(1, 12);
            using var loader = Loader(new TestImages(count, 4), random.Next(1, 6), batch, model: TestImages.Model(4));
            int taken = Collect(loader.Epoch(i).Take(random.Next(0, loader.BatchesPerEpoch + 2))).Sum(b => b.Indices.Length);
            Assert.IsLessThanOrEqualTo(count, taken);
        }
    }

    [TestMethod]
    public void Waited_GrowsWhileImagesAreSlow()
    {
        using var loader = Loader(new TestImages(16) { Delay = TimeSpan.FromMilliseconds(10) }, 2);
        Assert.AreEqual(TimeSpan.Zero, loader.Waited);
        Collect(loader.Epoch(0));
        Assert.IsGreaterThan(30, loader.Waited.TotalMilliseconds);
    }

    [TestMethod]
    public void Epoch_LeavesNoTensor()
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var loader = Loader(new TestImages(61, 6)))
        {
            Collect(loader.Epoch(0));
            Collect(loader.InOrder());
            foreach (var batch in loader.Epoch(1))
                using (batch) break;
        }
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Epoch_InsideTheReceiversScopeGivesBatchesThatOutliveIt()
    {
        using var loader = Loader(new TestImages(8));
        TrainingBatch batch;
        using (NewDisposeScope()) batch = loader.Epoch(0).First();
        Assert.AreEqual(8, batch.Images.shape[0]);
        batch.Dispose();
    }

    [TestMethod]
    public void Epoch_LeavesTorchsGeneratorAlone()
    {
        using var before = get_rng_state();
        using var loader = Loader(new TestImages(61));
        Collect(loader.Epoch(0));
        using var after = get_rng_state();
        CollectionAssert.AreEqual(before.bytes.ToArray(), after.bytes.ToArray());
    }
}
