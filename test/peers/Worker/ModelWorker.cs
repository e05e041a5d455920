using System.Diagnostics;
using System.Globalization;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Peers;

/// <summary>The commands that all comparisons share.</summary>
/// <remarks>
/// make ARCHITECTURE FILE        writes random weights of a preset     -> ok
/// load ARCHITECTURE FILE DTYPE  loads them, DTYPE is fp32 or bf16     -> ok
/// input FILE                    the tensor 'images' [B, 3, H, W], and what else the comparison needs -> ok
/// run N                         N times the work that is compared     -> seconds, all N together
/// </remarks>
internal abstract class ModelWorker : IDisposable
{
    protected VisionModel? Model { get; set; }

    protected Tensor? Images { get; private set; }

    public virtual string Answer(string[] command)
    {
        switch (command)
        {
            case ["make", var architecture, var file]:
                using (var made = VisionModel.Create(ModelPresets.Get(architecture), seed: 1))
                    SafetensorsWriter.Write(file, made.state_dict().Select(entry => (entry.Key, entry.Value)));
                return "ok";
            case ["load", var architecture, var file, var dtype]:
                Load(architecture, file, dtype == "bf16" ? ComputePrecision.BFloat16 : ComputePrecision.Float32);
                return "ok";
            case ["input", var file]:
                using (var checkpoint = CheckpointFile.Open(file))
                    Input(checkpoint);
                return "ok";
            case ["run", var count]:
                long start = Stopwatch.GetTimestamp();
                for (int i = int.Parse(count, CultureInfo.InvariantCulture); i > 0; i--) Work();
                return Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("R", CultureInfo.InvariantCulture);
            default:
                return $"unknown command {command[0]}";
        }
    }

    protected virtual void Load(string architecture, string file, ComputePrecision precision)
    {
        Model?.Dispose();
        Model = VisionModel.CreateEmpty(ModelPresets.Get(architecture));
        using (var checkpoint = CheckpointFile.Open(file))
            Model.load_state_dict(checkpoint.Names.ToDictionary(name => name, name => checkpoint.ReadTensor(name)));
        Model.eval();
        Model.Precision = precision;
    }

    protected virtual void Input(ICheckpoint file) => Take(file.ReadTensor("images"));

    /// <summary>Takes images over.</summary>
    protected void Take(Tensor images)
    {
        Images?.Dispose();
        Images = images;
    }

    protected abstract void Work();

    public virtual void Dispose()
    {
        Model?.Dispose();
        Images?.Dispose();
    }
}
