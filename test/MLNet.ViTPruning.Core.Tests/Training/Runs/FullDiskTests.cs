using System.Diagnostics;
using MLNet.ViTPruning.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Training.Runs;

[TestClass]
public sealed class FullDiskTests
{
    /// <summary>A real disk of 1 MB. Two checkpoints of 300 KB fit, with a third one being written they do not when something else takes room.</summary>
    [TestMethod]
    public void Save_OnAFullDisk_SaysSoAndKeepsTheLastGoodCheckpoint()
    {
        string folder = Directory.CreateTempSubdirectory("vitpruning-disk-").FullName;
        if (!OperatingSystem.IsLinux() || Run("mount", "-t", "tmpfs", "-o", "size=1m", "vitpruning", folder) != 0)
        {
            Directory.Delete(folder);
            Assert.Inconclusive("Mounting a small disk needs Linux and root; the kill test fills one by a limit instead.");
        }
        try
        {
            using var scope = NewDisposeScope();
            var store = new CheckpointStore(folder);
            store.Save(Tensors(1), "1");
            store.Save(Tensors(2), "2");
            string filler = Path.Combine(folder, "filler");
            File.WriteAllBytes(filler, new byte[200_000]);

            var fault = Assert.ThrowsExactly<IOException>(() => store.Save(Tensors(3), "3"));

            StringAssert.Contains(fault.Message, Path.Combine(folder, CheckpointStore.NewestName));
            StringAssert.Contains(fault.Message, "needs about 3000");
            StringAssert.Contains(fault.Message, "bytes free");
            StringAssert.Contains(fault.Message, "intact");
            Assert.IsEmpty(Directory.GetFiles(folder, ".*"));
            AssertHolds(2, folder);

            File.Delete(filler);
            store.Save(Tensors(4), "4");
            AssertHolds(4, folder);
        }
        finally
        {
            Assert.AreEqual(0, Run("umount", folder));
            Directory.Delete(folder);
        }
    }

    private static Dictionary<string, Tensor> Tensors(int value) => new() { ["w"] = full([75_000], value, ScalarType.Float32) };

    private static void AssertHolds(int value, string folder)
    {
        using var loaded = new CheckpointStore(folder).Load();
        Assert.IsNull(loaded!.Warning);
        Assert.AreEqual($"{value}", loaded.StateJson);
        Assert.AreEqual((float)value, loaded.Tensors["w"].max().item<float>());
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1; // no such program
        }
    }
}
