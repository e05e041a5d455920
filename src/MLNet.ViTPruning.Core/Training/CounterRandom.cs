namespace MLNet.ViTPruning.Training;

/// <summary>Random numbers that depend on nothing but what they are for, so that threads and resumptions cannot change them: SplitMix64
/// over a key of seed, purpose and counters.</summary>
internal struct CounterRandom
{
    private ulong _state;

    /// <param name="seed">The run's seed.</param>
    /// <param name="purpose">What the numbers are for; another purpose, other numbers.</param>
    /// <param name="first">A counter, such as the epoch or the step.</param>
    /// <param name="second">A counter, such as the image.</param>
    public CounterRandom(ulong seed, RandomPurpose purpose, long first, long second = 0)
    {
        _state = Mix(Mix(Mix(Mix(seed) + (ulong)purpose) + (ulong)first) + (ulong)second);
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextBits() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>A number in [0, 1).</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in [0, count).</summary>
    public int NextInt(int count) => (int)Math.BigMul(NextBits(), (ulong)count, out _);

    /// <summary>A number in [lower, upper).</summary>
    public double NextDouble(double lower, double upper) => lower + (upper - lower) * NextDouble();

    /// <summary>A number of the standard normal distribution (Box and Muller).</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>A number of a Beta distribution, in [0, 1]: x / (x + y) of two Gamma numbers, by their logarithms because those of small
    /// parameters are too small for a double.</summary>
    public double NextBeta(double a, double b)
    {
        double x = NextLogGamma(a);
        return 1 / (1 + Math.Exp(NextLogGamma(b) - x));
    }

    // Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables" (2000), for shape + 1; times u^(1/shape) it has the shape asked for.
    private double NextLogGamma(double shape)
    {
        double d = shape + 1 - 1.0 / 3, c = 1 / Math.Sqrt(9 * d);
        for (; ; )
        {
            double normal = NextNormal(), v = Math.Pow(1 + c * normal, 3);
            if (v <= 0 || Math.Log(1 - NextDouble()) >= 0.5 * normal * normal + d - d * v + d * Math.Log(v)) continue;
            return Math.Log(d * v) + Math.Log(1 - NextDouble()) / shape;
        }
    }

    /// <summary>Puts elements in random order.</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    // SplitMix64's output function (Steele, Lea and Flood, OOPSLA 2014).
    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

/// <summary>What random numbers are for.</summary>
internal enum RandomPurpose
{
    /// <summary>The order of an epoch.</summary>
    Order = 1,

    /// <summary>One image's augmentation.</summary>
    Image,

    /// <summary>One batch's mixing.</summary>
    Batch,

    /// <summary>One step's drop path.</summary>
    DropPath,

    /// <summary>A patch scorer's first weights.</summary>
    Scorer,

    /// <summary>The patches of an image that a layer computes at random.</summary>
    Patches,
}
