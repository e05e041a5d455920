using MLNet.ViTPruning.Imaging;

namespace Quickstart;

/// <summary>Images that a small model can learn in a minute: a class is the direction and colour of stripes, under noise.</summary>
internal static class GeneratedImages
{
    private const int Classes = 20, Side = Cifar100Binary.Side;

    public static void Write(string folder, int train, int test, double noise)
    {
        if (File.Exists(Path.Combine(folder, "test.bin"))) return;
        Cifar100Binary.Write(Path.Combine(folder, "train.bin"), Rows(train, noise, new Random(1)));
        Cifar100Binary.Write(Path.Combine(folder, "test.bin"), Rows(test, noise, new Random(2)));
    }

    private static IEnumerable<(int Fine, int Coarse, ReadOnlyMemory<byte> Planar)> Rows(int count, double noise, Random random)
    {
        for (int i = 0; i < count; i++)
        {
            int label = i % Classes;
            yield return (label, label % 20, Stripes(label, noise, random));
        }
    }

    private static byte[] Stripes(int label, double noise, Random random)
    {
        var (direction, hue) = (Math.PI * (label % 5) / 5, label / 5);
        double phase = random.NextDouble() * 2 * Math.PI, frequency = 0.5 + 0.2 * random.NextDouble();
        byte[] planar = new byte[Cifar100Binary.ImageBytes];
        for (int channel = 0; channel < 3; channel++)
        {
            double strength = hue == 3 ? 60 : channel == hue ? 80 : 10;
            for (int y = 0; y < Side; y++)
                for (int x = 0; x < Side; x++)
                {
                    double wave = Math.Sin(frequency * (x * Math.Cos(direction) + y * Math.Sin(direction)) + phase);
                    double disturbance = noise * (random.NextDouble() + random.NextDouble() - 1);
                    planar[(channel * Side + y) * Side + x] = (byte)Math.Clamp(128 + strength * wave + disturbance, 0, 255);
                }
        }
        return planar;
    }
}
