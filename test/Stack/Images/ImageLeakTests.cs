using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.Images;

[TestClass]
[DoNotParallelize]
public class ImageLeakTests
{
    [TestMethod]
    public void ThousandsOfImages_DecodedOrRefusedOnFourThreads_LeaveNoMemory()
    {
        using var image = TestImages.Gradient(160, 120);
        byte[][] files = [image.Encode(".jpg"), image.Encode(".png"), image.Encode(".png")[..200], [.. image.Encode(".jpg").Take(300)]];

        Decode(files, 500);
        var before = Resident();
        Decode(files, 4000);
        Assert.IsLessThan(40L << 20, Resident() - before); // 4000 leaked images would be 300 MB
    }

    private static void Decode(byte[][] files, int count) => Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
    {
        try
        {
            using var loaded = MLImage.CreateFromStream(new MemoryStream(files[i % files.Length]));
        }
        catch (ArgumentException)
        {
            // the files that are cut off may be refused
        }
    });

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
