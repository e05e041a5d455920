namespace MLNet.ViTPruning.Tests.Imaging;

/// <summary>Mutated files: flipped, overwritten, cut, lengthened; the reader may accept them or throw InvalidDataException, nothing else.</summary>
internal static class Mutations
{
    /// <returns>How many were refused.</returns>
    public static int Run(byte[] valid, int count, string path, Action read)
    {
        var random = new Random(20_11);
        var refused = 0;
        for (var i = 0; i < count; i++)
        {
            var mutated = Mutate(valid, random);
            File.WriteAllBytes(path, mutated);
            try
            {
                read();
            }
            catch (InvalidDataException)
            {
                refused++;
            }
            catch (Exception other) when (other is not AssertFailedException)
            {
                throw new AssertFailedException($"Mutation {i} gave {other}");
            }
        }
        return refused;
    }

    public static byte[] Mutate(byte[] valid, Random random)
    {
        var bytes = valid.ToArray();
        for (var n = random.Next(1, 5); n > 0 && bytes.Length > 0; n--)
        {
            // Headers are where the harm is: half of the hits go to the first 64 bytes.
            var at = random.Next(random.Next(2) == 0 ? Math.Min(64, bytes.Length) : bytes.Length);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes[at] = 255; break;
                case 3: random.NextBytes(bytes.AsSpan(at, Math.Min(4, bytes.Length - at))); break;
                case 4: bytes = bytes[..at]; break;
                default: bytes = [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]]; break;
            }
        }
        return bytes;
    }
}
