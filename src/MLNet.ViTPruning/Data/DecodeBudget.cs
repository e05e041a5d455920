namespace MLNet.ViTPruning.Data;

/// <summary>Bytes that images decoded ahead of their reader may hold together.</summary>
internal sealed class DecodeBudget(long bytes)
{
    private long _left = bytes;

    /// <summary>Takes a share, or says that there is not enough left.</summary>
    public bool TryTake(long count)
    {
        if (Interlocked.Add(ref _left, -count) >= 0) return true;
        Return(count);
        return false;
    }

    public void Return(long count) => Interlocked.Add(ref _left, count);
}
