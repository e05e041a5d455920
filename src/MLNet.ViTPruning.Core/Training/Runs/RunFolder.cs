using System.Text;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Checkpoints.Bytes;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Training.Runs;

/// <summary>The folder of a training: its checkpoints, the best model so far, its metrics and its report. Every file is replaced as a whole.</summary>
internal sealed class RunFolder : IDisposable
{
    public const string BestName = "best.safetensors", MetricsName = "metrics.csv", CurvesName = "curves.svg", ReportName = "report.json", LockName = "run.lock";

    private static readonly string[] Written = [BestName, MetricsName, CurvesName, ReportName];
    private readonly string _path;
    private readonly FolderLock _lock;

    /// <param name="path">The folder; it is made where it is missing.</param>
    /// <param name="resume">Whether it may hold a run.</param>
    /// <exception cref="InvalidOperationException">The folder holds a run and <paramref name="resume"/> is false.</exception>
    /// <exception cref="IOException">The folder cannot be made, or another training uses it.</exception>
    public RunFolder(string path, bool resume)
    {
        _path = Path.GetFullPath(path);
        Directory.CreateDirectory(_path);
        _lock = new FolderLock(FileOf(LockName));
        try
        {
            Checkpoints = new CheckpointStore(_path);
            string? held = resume ? null : Array.Find([CheckpointStore.NewestName, CheckpointStore.PreviousName, .. Written], name => File.Exists(FileOf(name)));
            if (held is not null)
                throw new InvalidOperationException($"The folder '{path}' holds a run ({held}). Set Resume to go on with it, or give this training another folder.");
            foreach (string name in Written) AtomicFile.RemoveLeftovers(FileOf(name));
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>The run's checkpoints.</summary>
    public CheckpointStore Checkpoints { get; }

    /// <summary>Saves a model as the best so far: an ordinary model file.</summary>
    /// <param name="model">The model; not changed.</param>
    /// <param name="plan">How it was pruned, as JSON, or null.</param>
    /// <exception cref="IOException">It could not be written; the one before is intact.</exception>
    public void SaveBest(VisionModel model, string? plan = null) => Write(BestName, path => ModelFile.Save(model, path,
        extraMetadata: plan is null ? null : new Dictionary<string, string> { [ModelFile.PlanKey] = plan }));

    /// <summary>Saves a model as the best so far.</summary>
    /// <param name="save">Saves it under a path.</param>
    /// <exception cref="IOException">It could not be written; the one before is intact.</exception>
    public void SaveBest(Action<string> save) => Write(BestName, save);

    /// <summary>Saves what the epochs gave, as a table and as curves. After a resumption these are the epochs up to its checkpoint, so no
    /// row stands twice.</summary>
    /// <param name="epochs">All epochs so far.</param>
    /// <exception cref="IOException">A file could not be written; the one before is intact.</exception>
    public void SaveEpochs(IReadOnlyList<TrainingMetrics> epochs)
    {
        WriteText(MetricsName, MetricsTable.Of(epochs));
        if (epochs.Count > 0) WriteText(CurvesName, CurvesSvg.Of(epochs));
    }

    /// <summary>Saves the report.</summary>
    /// <param name="json">The report as JSON.</param>
    /// <exception cref="IOException">It could not be written; the one before is intact.</exception>
    public void SaveReport(string json) => WriteText(ReportName, json + "\n");

    public void Dispose() => _lock.Dispose();

    private string FileOf(string name) => Path.Combine(_path, name);

    private void WriteText(string name, string text) => Write(name, path => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text))));

    private void Write(string name, Action<string> write)
    {
        string path = FileOf(name);
        try
        {
            write(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{path}' could not be written: {e.Message.TrimEnd('.')}. {DiskSpace.Of(_path)} The last good checkpoint is intact: make room or repair the folder, then resume.", e);
        }
    }
}
