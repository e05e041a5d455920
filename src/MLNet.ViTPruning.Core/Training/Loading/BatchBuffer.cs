namespace MLNet.ViTPruning.Training.Loading;

/// <summary>A batch while threads fill it; reused for later ones.</summary>
internal sealed class BatchBuffer(int capacity)
{
    private readonly PreparedImage[] _images = [.. Enumerable.Range(0, capacity).Select(_ => new PreparedImage())];

    /// <summary>Which images it holds.</summary>
    public int[] Indices { get; private set; } = [];

    /// <summary>The images, in order.</summary>
    public ReadOnlySpan<PreparedImage> Images => _images.AsSpan(0, Indices.Length);

    /// <summary>Images that are not ready yet; guarded by the reader's lock.</summary>
    public int Missing { get; set; }

    /// <summary>Begins another batch.</summary>
    public void Reset(int[] indices)
    {
        (Indices, Missing) = (indices, indices.Length);
        foreach (var image in Images) image.Error = null;
    }
}
