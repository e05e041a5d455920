using System.Collections.Generic;
using System.IO;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class OptimizerOptions
{
    public double? LearningRate { get; set; }
    public double InitialLearningRate { get; set; }

    public virtual void LoadStateDict(OptimizerOptions source) => (LearningRate, InitialLearningRate) = (source.LearningRate, source.InitialLearningRate);

    public virtual void LoadStateDict(BinaryReader reader) => (LearningRate, InitialLearningRate) = (reader.ReadDouble(), reader.ReadDouble());

    public virtual void SaveStateDict(BinaryWriter writer)
    {
        writer.Write(LearningRate.Value);
        writer.Write(InitialLearningRate);
    }
}

/// <summary>Parameters that share settings. What a group leaves open comes from the optimizer's defaults.</summary>
public class ParamGroup : optim.ILearningRateController
{
    public IEnumerable<Parameter> Parameters { get; set; }
    public OptimizerOptions Options { get; set; }

    public double LearningRate
    {
        get => Options.LearningRate ?? 0;
        set => Options.LearningRate = value;
    }

    public double InitialLearningRate
    {
        get => Options.InitialLearningRate;
        set => Options.InitialLearningRate = value;
    }
}

public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions, new()
{
    public ParamGroup() => base.Options = new TOptions();

    public ParamGroup(IEnumerable<Parameter> parameters, TOptions options = null)
    {
        base.Options = options ?? new TOptions();
        Parameters = parameters;
    }

    public new TOptions Options
    {
        get => (TOptions)base.Options;
        set => base.Options = value;
    }
}
