namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>The weights of one tensor that may be the last to go, by rank.</summary>
/// <param name="First">Rank of the first: so many weights are smaller than it.</param>
/// <param name="Keys">Magnitudes' bits, ascending.</param>
/// <param name="Scores">Their scores, ascending.</param>
internal sealed record ScoreRange(int First, uint[] Keys, double[] Scores);

/// <summary>The scores of one tensor's weights, without holding them: of the weights in ascending order every 256th, with the sum of squares
/// from there up. In between they are computed anew when they are asked for.</summary>
/// <remarks>Scores grow with the rank: within a tensor they rank weights as their magnitudes do, and weights that score alike are equal.
/// Sums run from the largest weight down in double precision, in which squares of floats are exact, so a score is the same number
/// wherever it is computed.</remarks>
internal sealed class ScoreProfile
{
    private const int Stride = 256;

    private readonly uint[] _keys;
    private readonly double[] _sums;
    private readonly bool _relative;

    private ScoreProfile(PrunableWeight weight, uint[] keys, double[] sums, bool relative)
    {
        Weight = weight;
        (_keys, _sums, _relative) = (keys, sums, relative);
    }

    /// <summary>The tensor.</summary>
    public PrunableWeight Weight { get; }

    /// <summary>Scores a tensor.</summary>
    /// <param name="weight">The tensor.</param>
    /// <param name="sorter">This thread's sorter.</param>
    /// <param name="relative">Whether the score is the relative distortion, or the magnitude itself.</param>
    /// <exception cref="ArgumentException">A weight is no finite number.</exception>
    public static ScoreProfile Of(PrunableWeight weight, MagnitudeSorter sorter, bool relative)
    {
        int checkpoints = (weight.Count + Stride - 1) / Stride;
        var (keys, sums) = (new uint[checkpoints], new double[checkpoints]);
        weight.Use(bits =>
        {
            if (!sorter.TrySort(bits, out var sorted))
                throw new ArgumentException($"{weight.Name} has values that are no finite numbers; such a model cannot be pruned.");
            double sum = 0;
            for (int rank = sorted.Length - 1; rank >= 0; rank--)
            {
                double value = MagnitudeSorter.ValueOf(sorted[rank]);
                sum += value * value;
                if (rank % Stride == 0) (keys[rank / Stride], sums[rank / Stride]) = (sorted[rank], sum);
            }
        });
        return new ScoreProfile(weight, keys, sums, relative);
    }

    /// <summary>At least how many weights score at most this.</summary>
    public int Least(double score) => LastAtMost(score) is >= 0 and var last ? last * Stride + 1 : 0;

    /// <summary>At most how many weights score at most this.</summary>
    public int Most(double score) => Math.Min((LastAtMost(score) + 1) * Stride, Weight.Count);

    /// <summary>All weights with a score in a range, and some on either side of it.</summary>
    /// <param name="above">They score more than this; those before them do not.</param>
    /// <param name="upTo">They score at most this; those after them do not.</param>
    public ScoreRange Between(double above, double upTo)
    {
        int from = LastAtMost(above), to = LastAtMost(upTo) + 1;
        bool toEnd = to >= _keys.Length;
        uint low = from < 0 ? 0 : _keys[from], high = toEnd ? uint.MaxValue : _keys[to];
        int end = toEnd ? Weight.Count : to * Stride, first = 0;
        var found = new List<uint>();
        Weight.Use(bits =>
        {
            int smaller = 0;
            foreach (uint each in bits)
            {
                uint key = MagnitudeSorter.KeyOf(each);
                if (key < low) smaller++;
                else if (key <= high) found.Add(key);
            }
            first = smaller;
        });
        found.Sort();
        uint[] keys = [.. found.Take(end - first)];
        var scores = new double[keys.Length];
        double sum = toEnd ? 0 : _sums[to];
        for (int i = keys.Length - 1; i >= 0; i--)
        {
            double value = MagnitudeSorter.ValueOf(keys[i]);
            sum += value * value;
            scores[i] = Score(keys[i], sum);
        }
        return new ScoreRange(first, keys, scores);
    }

    /// <summary>The last kept rank that scores at most this, or -1.</summary>
    private int LastAtMost(double score)
    {
        int low = 0, high = _keys.Length;    // those before low score at most this, those from high on more
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Score(_keys[middle], _sums[middle]) <= score) low = middle + 1;
            else high = middle;
        }
        return low - 1;
    }

    private double Score(uint key, double sum)
    {
        double value = MagnitudeSorter.ValueOf(key);
        return _relative ? RelativeDistortion.Of(value * value, sum) : value;
    }
}
