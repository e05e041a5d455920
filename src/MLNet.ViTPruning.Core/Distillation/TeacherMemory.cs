using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Distillation;

/// <summary>What a teacher said of each image, on the CPU.</summary>
internal sealed class TeacherMemory : IDisposable
{
    /// <summary>More than this is not remembered: asking the teacher again is better than filling the memory.</summary>
    private const long MaxBytes = 2L << 30;

    private readonly Tensor _outputs; // [N, W]
    private readonly bool[] _known;
    private int _missing;

    /// <param name="images">Images.</param>
    /// <param name="width">Values of each.</param>
    public TeacherMemory(int images, int width)
    {
        _outputs = empty([images, width], ScalarType.Float32).DetachFromDisposeScope();
        _known = new bool[images];
        _missing = images;
    }

    /// <summary>Values of each image.</summary>
    public long Width => _outputs.shape[1];

    public bool IsComplete => _missing == 0;

    /// <summary>How many images are known.</summary>
    public int Count => _known.Length - _missing;

    /// <summary>What was said of the first images, where these are all that are known; owned by the caller.</summary>
    public Tensor First() => _outputs.narrow(0, 0, Count).clone(); // [n, W]

    /// <summary>Whether that many values may be remembered.</summary>
    public static bool Fits(int images, int width) => (long)images * width * sizeof(float) <= MaxBytes;

    public bool Knows(IReadOnlyList<int> indices)
    {
        foreach (int index in indices)
            if (!_known[index]) return false;
        return true;
    }

    /// <summary>Remembers what was said of images.</summary>
    /// <param name="indices">The images.</param>
    /// <param name="outputs">What was said <c>[B, W]</c>; not disposed.</param>
    public void Keep(IReadOnlyList<int> indices, Tensor outputs)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        _outputs.index_copy_(0, Rows(indices), outputs.to(CPU));
        foreach (int index in indices)
        {
            if (!_known[index]) _missing--;
            _known[index] = true;
        }
    }

    /// <summary>What was said of images.</summary>
    /// <param name="indices">The images, all known.</param>
    /// <param name="device">Where it is needed.</param>
    /// <returns>What was said <c>[B, W]</c>, owned by the caller.</returns>
    public Tensor Recall(IReadOnlyList<int> indices, Device device)
    {
        using var scope = NewDisposeScope();
        return _outputs.index_select(0, Rows(indices)).to(device).MoveToOuterDisposeScope(); // [B, W]
    }

    public void Dispose() => _outputs.Dispose();

    private static Tensor Rows(IReadOnlyList<int> indices) => tensor(indices.Select(i => (long)i).ToArray());
}
