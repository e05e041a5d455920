using System.Runtime.ExceptionServices;

namespace MLNet.ViTPruning.Pruning.ModuleAware;

/// <summary>Work on several threads that fails as on one.</summary>
internal static class Parallelism
{
    /// <summary>Does something for each item, in any order.</summary>
    /// <param name="items">The items.</param>
    /// <param name="threads">How many threads may work.</param>
    /// <param name="cancellationToken">Ends it between items.</param>
    /// <param name="work">The work; the first fault of any ends it all.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void ForEach<T>(IEnumerable<T> items, int threads, CancellationToken cancellationToken, Action<T> work)
    {
        try
        {
            // Not in ranges of equal length: the items are tensors of very different sizes.
            var each = System.Collections.Concurrent.Partitioner.Create(items, System.Collections.Concurrent.EnumerablePartitionerOptions.NoBuffering);
            Parallel.ForEach(each, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, work);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
