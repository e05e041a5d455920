using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training.Runs;

namespace MLNet.ViTPruning.Training;

/// <summary>The checkpoints of a run's folder, and the one that a training goes on from.</summary>
internal sealed class RunCheckpoints : IDisposable
{
    private readonly string _folder;
    private readonly CheckpointStore _store;
    private readonly FolderLock _lock;
    private readonly LoadedCheckpoint? _loaded;
    private readonly TrainingPosition? _position;
    private (long Step, int Epoch) _saved = (-1, -1);

    /// <param name="folder">The folder; it is made where it is missing.</param>
    /// <param name="resume">Whether to go on from the newest good checkpoint.</param>
    /// <exception cref="InvalidOperationException">The folder holds a run and <paramref name="resume"/> is false.</exception>
    /// <exception cref="IOException">The folder cannot be made, or another training uses it.</exception>
    public RunCheckpoints(string folder, bool resume)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        _lock = new FolderLock(Path.Combine(folder, "run.lock"));
        try
        {
            _store = new CheckpointStore(folder);
            if (_store.HoldsAny && !resume)
                throw new InvalidOperationException($"The folder '{folder}' holds a run. Set Resume to go on with it, or give this training another folder.");
            _loaded = _store.Load();
            if (_loaded is not null) _position = TrainingPosition.FromJson(_loaded.StateJson);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Number format that the run was begun in, or null for a new run.</summary>
    public ComputePrecision? ComputedIn => _position?.ComputedIn;

    /// <summary>What should be known of the checkpoint.</summary>
    public IReadOnlyList<string> Warnings => _loaded?.Warning is { } warning ? [warning] : [];

    /// <summary>Brings a training to where the checkpoint was taken; does nothing in a new run.</summary>
    /// <param name="state">The training's state at its start.</param>
    /// <exception cref="InvalidOperationException">The checkpoint is one of another job.</exception>
    public void RestoreInto(TrainingState state)
    {
        if (_loaded is null) return;
        string[] differences = [.. JobDescription.Differences(_position!.Job, state.Position.Job)];
        if (differences.Length > 0)
            throw new InvalidOperationException($"The run in '{_folder}' is one of another job: {string.Join(" ", differences)} Resume with the same options, or use another folder.");
        state.Restore(_loaded.Tensors, _loaded.StateJson);
        _loaded.Dispose();
        _saved = (state.Position.Step, state.Position.Epoch);
    }

    /// <summary>Writes a checkpoint, unless the last one was of the same place.</summary>
    /// <exception cref="IOException">It could not be written; the last good one is intact.</exception>
    public void Save(TrainingState state)
    {
        var place = (state.Position.Step, state.Position.Epoch);
        if (place == _saved) return;
        _store.Save(state.Tensors(), state.Json());
        _saved = place;
    }

    public void Dispose()
    {
        _loaded?.Dispose();
        _lock.Dispose();
    }
}
