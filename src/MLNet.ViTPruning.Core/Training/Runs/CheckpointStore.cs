using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Checkpoints.Bytes;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training.Runs;

/// <summary>The newest checkpoint of a training and the one before it. Whenever the process or the machine stops, one of them is good.</summary>
/// <param name="folder">An existing folder that no other store writes to.</param>
internal sealed class CheckpointStore(string folder)
{
    public const string NewestName = "checkpoint.safetensors", PreviousName = "checkpoint.previous.safetensors";

    // The newest file is known to be damaged: it must not take the good one's place.
    private bool _newestIsDamaged;

    private string Newest { get; } = Path.Combine(folder, NewestName);

    private string Previous { get; } = Path.Combine(folder, PreviousName);

    /// <summary>Whether the folder holds a checkpoint, good or damaged.</summary>
    public bool HoldsAny => File.Exists(Newest) || File.Exists(Previous);

    /// <summary>Saves a checkpoint; the newest so far becomes the previous one.</summary>
    /// <param name="tensors">Tensors of any device; each is stored in its own type.</param>
    /// <param name="stateJson">A text to keep with them.</param>
    /// <exception cref="IOException">The checkpoint could not be written; the last good one is intact.</exception>
    public void Save(IReadOnlyDictionary<string, Tensor> tensors, string stateJson)
    {
        var planned = TensorPlan.Of(tensors.Select(t => (t.Key, t.Value)), dtype: null);
        try
        {
            AtomicFile.RemoveLeftovers(Newest);
            AtomicFile.Write(Newest, stream => SealedFile.Write(stream, planned, stateJson), _newestIsDamaged ? null : PreviousName);
            _newestIsDamaged = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            long needed = planned.Sum(t => t.Tensor.NumberOfElements * t.Type.Size) + 2 * stateJson.Length;
            throw new IOException(
                $"The checkpoint '{Newest}' could not be written: {e.Message.TrimEnd('.')}. It needs about {needed} bytes. {DiskSpace.Of(folder)} " +
                "The last good checkpoint is intact: make room or repair the folder, then resume.", e);
        }
    }

    /// <summary>Loads the newest good checkpoint.</summary>
    /// <returns>The checkpoint, owned by the caller, or null where the folder holds none.</returns>
    /// <exception cref="InvalidDataException">There are checkpoints but none is good.</exception>
    public LoadedCheckpoint? Load()
    {
        if (!HoldsAny) return null;
        var newest = TryRead(Newest, out string? newestFault);
        if (newest is not null) return newest;
        var previous = TryRead(Previous, out string? previousFault);
        if (previous is null)
        {
            throw new InvalidDataException(
                $"No checkpoint can be read. '{Newest}': {newestFault}. '{Previous}': {previousFault}. " +
                "Restore one of them from a copy, or delete both and train from the start.");
        }
        _newestIsDamaged = true;
        return previous with { Warning = $"'{Newest}' was passed over: {newestFault}. The training goes on from '{PreviousName}', the checkpoint before it." };
    }

    private static LoadedCheckpoint? TryRead(string path, out string? fault)
    {
        fault = null;
        try
        {
            var (state, tensors) = SealedFile.Read(path);
            return new LoadedCheckpoint(tensors, state, null);
        }
        catch (FileNotFoundException)
        {
            fault = "it is missing";
        }
        // A bad disk answers with IOException.
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            fault = e.Message.TrimEnd('.');
        }
        return null;
    }
}
