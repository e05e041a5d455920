using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Checkpoints.Pickle;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Checkpoints;

/// <summary>10,000 damaged files per format: each is read completely or refused with one InvalidDataException, in bounded memory.</summary>
[TestClass]
public sealed class FuzzTests
{
    private const int Files = 10_000;
    private const long MaxAllocated = 8 << 20; // for one file of a few KB

    [TestMethod]
    public void Safetensors_MutatedFiles_OnlyInvalidData()
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [("blocks.0.attn.qkv.weight", ones(6, 4)), ("b", ones(3, dtype: ScalarType.Float16)), ("flags", ones(5, dtype: ScalarType.Bool)), ("scalar", tensor(1L))],
            new Dictionary<string, string> { ["format"] = "pt", ["configuration"] = """{"family":"vit"}""" });
        Fuzz(stream.ToArray(), bytes => ReadAll(CheckpointFile.Read(bytes)), 1);
    }

    [TestMethod]
    public void Pth_MutatedFiles_OnlyInvalidData() => Fuzz(File.ReadAllBytes(CheckpointFixtures.Of("linear.pth")), bytes => ReadAll(CheckpointFile.Read(bytes)), 2);

    [TestMethod]
    public void Pth_MutatedLargerFile_OnlyInvalidData() => Fuzz(File.ReadAllBytes(CheckpointFixtures.Of("state_dict.pth")), bytes => ReadAll(CheckpointFile.Read(bytes)), 3);

    [TestMethod]
    [DataRow("numpy_protocol2.pickle")]
    [DataRow("numpy_protocol4.pickle")]
    public void NumpyPickle_MutatedFiles_OnlyInvalidData(string name) =>
        Fuzz(File.ReadAllBytes(CheckpointFixtures.Of(name)), bytes => RestrictedUnpickler.Load(bytes, PickleAllowance.NumpyArrays), 4);

    private static void ReadAll(ICheckpoint file)
    {
        using (file)
        {
            foreach (string name in file.Names) file.ReadTensor(name).Dispose();
        }
    }

    private static void Fuzz(byte[] good, Action<byte[]> read, int seed)
    {
        read(good);
        var random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < Files; i++)
        {
            byte[] bad = Mutate(good, random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(bad);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"file {i}: {e}");
            }
            Assert.IsLessThan(MaxAllocated, GC.GetAllocatedBytesForCurrentThread() - before, $"file {i}");
        }
        Assert.IsGreaterThan(Files / 5, refused); // the rest has damaged values only, which no format can notice
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        byte[] bytes = [.. good];
        switch (random.Next(6))
        {
            case 0: return bytes[..random.Next(bytes.Length)];
            case 1: // a few bytes anywhere
                for (int n = random.Next(1, 8); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            case 2: // one bit
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 3: // extreme numbers
                int at = random.Next(bytes.Length - 8);
                bytes.AsSpan(at, random.Next(1, 9)).Fill(random.Next(2) == 0 ? (byte)0xff : (byte)0x7f);
                return bytes;
            case 4: // a piece repeated elsewhere
                int from = random.Next(bytes.Length), length = random.Next(1, Math.Min(64, bytes.Length - from) + 1), to = random.Next(bytes.Length - length + 1);
                bytes.AsSpan(from, length).ToArray().CopyTo(bytes, to);
                return bytes;
            default: // a digit: sizes, offsets, shapes in text
                int[] digits = [.. Enumerable.Range(0, bytes.Length).Where(i => bytes[i] is >= (byte)'0' and <= (byte)'9')];
                for (int n = random.Next(1, 4); n > 0 && digits.Length > 0; n--) bytes[digits[random.Next(digits.Length)]] = (byte)('0' + random.Next(10));
                return bytes;
        }
    }
}
