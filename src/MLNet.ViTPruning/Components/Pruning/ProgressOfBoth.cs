namespace MLNet.ViTPruning.Components;

/// <summary>Tells several.</summary>
internal sealed class ProgressOfBoth<T>(IProgress<T>? first, IProgress<T>? second) : IProgress<T>
{
    /// <inheritdoc/>
    public void Report(T value)
    {
        first?.Report(value);
        second?.Report(value);
    }
}
