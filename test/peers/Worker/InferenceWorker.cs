using MLNet.ViTPruning.Checkpoints;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Peers;

/// <summary>Comparison 'dense': forward passes.</summary>
/// <remarks>
/// logits FILE                   one forward pass, result to the file  -> ok
/// </remarks>
internal class InferenceWorker : ModelWorker
{
    private readonly IDisposable _noGrad = no_grad();

    public override string Answer(string[] command)
    {
        if (command is not ["logits", var file]) return base.Answer(command);
        using (var logits = Model!.forward(Images!))
            SafetensorsWriter.Write(file, [("logits", logits)], dtype: ScalarType.Float32);
        return "ok";
    }

    protected override void Work() => Model!.forward(Images!).Dispose();

    public override void Dispose()
    {
        _noGrad.Dispose();
        base.Dispose();
    }
}
