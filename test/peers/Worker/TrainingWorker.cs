using System.Globalization;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Peers;

/// <summary>Comparison 'train': forward, backward and step of the optimizer, as test/peers/train/recipe.py has them.</summary>
/// <remarks>
/// losses N                      the first N losses from the loaded weights -> N numbers
/// computed                      the precision that products really have    -> Float32 or BFloat16
/// PEERS_BFLOAT16=1 insists on bfloat16 where fp32 would be computed because the CPU is faster in it.
/// </remarks>
internal sealed class TrainingWorker : ModelWorker
{
    private const double Rate = 1e-4, Decay = 0.05, Clip = 1, Smoothing = 0.1;
    private static readonly bool Insists = Environment.GetEnvironmentVariable("PEERS_BFLOAT16") == "1";
    private AdamW? _optimizer;
    private Parameter[] _parameters = [];
    private Tensor? _labels;
    private (string Architecture, string File, ComputePrecision Precision) _loaded;

    public override string Answer(string[] command)
    {
        switch (command)
        {
            case ["losses", var count]:
                Load(_loaded.Architecture, _loaded.File, _loaded.Precision);
                var losses = Enumerable.Range(0, int.Parse(count, CultureInfo.InvariantCulture)).Select(_ => Step()).ToArray();
                return string.Join(' ', losses.Select(loss => loss.ToString("R", CultureInfo.InvariantCulture)));
            case ["computed"]:
                return Model!.Precision.ToString();
            default:
                return base.Answer(command);
        }
    }

    protected override void Load(string architecture, string file, ComputePrecision precision)
    {
        _loaded = (architecture, file, precision);
        base.Load(architecture, file, precision);
        if (!Insists) Model!.Precision = Model.InferencePrecision;
        Model!.train();
        _optimizer?.Dispose();
        _parameters = [.. Model.parameters()];
        _optimizer = new AdamW([new AdamW.ParamGroup(_parameters.Where(p => p.ndim == 2 || p.ndim == 4), Rate, weight_decay: Decay),
            new AdamW.ParamGroup(_parameters.Where(p => p.ndim is not (2 or 4)), Rate, weight_decay: 0)]);
    }

    protected override void Input(ICheckpoint file)
    {
        base.Input(file);
        _labels?.Dispose();
        using var labels = file.ReadTensor("labels");
        _labels = labels.to(ScalarType.Int64);
    }

    protected override void Work() => Step();

    private float Step()
    {
        using var scope = NewDisposeScope();
        var targets = nn.functional.one_hot(_labels!, Model!.Configuration.NumClasses).to(ScalarType.Float32) * (1 - Smoothing) + Smoothing / Model.Configuration.NumClasses;
        var loss = (targets * Model.forward(Images!).log_softmax(1)).sum([1]).mean().neg();
        _optimizer!.zero_grad();
        loss.backward();
        nn.utils.clip_grad_norm_(_parameters, Clip);
        _optimizer.step();
        return loss.item<float>();
    }

    public override void Dispose()
    {
        _optimizer?.Dispose();
        _labels?.Dispose();
        base.Dispose();
    }
}
