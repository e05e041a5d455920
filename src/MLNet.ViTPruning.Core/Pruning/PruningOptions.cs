namespace MLNet.ViTPruning.Pruning;

/// <summary>What all pruning methods share. Choose a method by choosing the derived type, for example
/// <see cref="Unified.UnifiedPruningOptions"/>.</summary>
public abstract record PruningOptions
{
    /// <summary>Seed of everything the method draws at random. <see langword="null"/> takes ML.NET's seed, or 0 without one.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? Seed { get; init; }

    /// <summary>Called now and then with the share of the work that is done, in [0, 1], on the thread that prunes.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Ends the work early with an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Throws where an option is out of its range.</summary>
    /// <exception cref="ArgumentException">All faults in one message, values included.</exception>
    public abstract void Validate();
}
