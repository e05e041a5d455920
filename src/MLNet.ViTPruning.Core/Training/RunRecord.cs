using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training.Runs;

namespace MLNet.ViTPruning.Training;

/// <summary>What a training leaves in its run's folder, and the checkpoint there that it goes on from.</summary>
internal sealed class RunRecord : IDisposable
{
    private readonly string _path;
    private readonly string? _plan;
    private readonly Action<string>? _save;
    private readonly RunFolder _folder;
    private readonly LoadedCheckpoint? _loaded;
    private readonly TrainingPosition? _position;
    private (long Step, int Epoch) _saved = (-1, -1);

    /// <param name="path">The folder; it is made where it is missing.</param>
    /// <param name="resume">Whether to go on from the newest good checkpoint.</param>
    /// <param name="plan">How the model was pruned, as JSON, or null.</param>
    /// <param name="save">Saves the model under a path, or null to save it as an ordinary one.</param>
    /// <exception cref="InvalidOperationException">The folder holds a run and <paramref name="resume"/> is false.</exception>
    /// <exception cref="IOException">The folder cannot be made, or another training uses it.</exception>
    public RunRecord(string path, bool resume, string? plan, Action<string>? save = null)
    {
        (_path, _plan, _save) = (path, plan, save);
        _folder = new RunFolder(path, resume);
        try
        {
            _loaded = _folder.Checkpoints.Load();
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
            throw new InvalidOperationException($"The run in '{_path}' is one of another job: {string.Join(" ", differences)} Resume with the same options, or use another folder.");
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
        _folder.Checkpoints.Save(state.Tensors(), state.Json());
        _saved = place;
    }

    /// <summary>Writes what an epoch gave.</summary>
    /// <param name="position">Where the training stands.</param>
    /// <param name="best">The epoch's model where it is the best so far, otherwise null.</param>
    /// <exception cref="IOException">It could not be written; the last good checkpoint is intact.</exception>
    public void SaveEpoch(TrainingPosition position, VisionModel? best)
    {
        if (best is not null) SaveBest(best);
        _folder.SaveEpochs(position.Epochs);
    }

    /// <summary>Writes the result and the report.</summary>
    /// <param name="model">The model with the weights that the training is for.</param>
    /// <param name="options">The recipe.</param>
    /// <param name="result">The report.</param>
    /// <exception cref="IOException">It could not be written; the last good checkpoint is intact.</exception>
    public void SaveResult(VisionModel model, TrainingOptions options, TrainingResult result)
    {
        SaveBest(model);
        _folder.SaveEpochs(result.Epochs);
        _folder.SaveReport(RunReport.Of(model, options, result));
    }

    private void SaveBest(VisionModel model)
    {
        if (_save is { } save) _folder.SaveBest(save);
        else _folder.SaveBest(model, _plan);
    }

    public void Dispose()
    {
        _loaded?.Dispose();
        _folder.Dispose();
    }
}
