using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>Cross-entropy between the label distribution and the softmax of the logits.</summary>
internal sealed class CrossEntropyObjective : TrainingObjective
{
    public override string Description => "cross-entropy";

    public override Tensor Loss(TrainingStep step)
    {
        using var scope = NewDisposeScope();
        var logits = step.Logits();                                                                  // [B, K]
        return (step.Targets * logits.log_softmax(1)).sum([1]).mean().neg().MoveToOuterDisposeScope();
    }
}
