using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What the optimizer remembers of one parameter. It belongs to no scope; the optimizer disposes it.</summary>
public abstract class OptimizerState
{
    protected readonly Parameter _parameter;

    protected OptimizerState(Parameter parameter) => _parameter = parameter;

    public abstract void Initialize(OptimizerOptions options);

    public abstract void LoadStateDict(OptimizerState source);

    public abstract void LoadStateDict(System.IO.BinaryReader reader);

    public abstract void SaveStateDict(System.IO.BinaryWriter writer);

    internal Parameter Parameter => _parameter;

    internal static Tensor Zeros(Parameter p) => zeros_like(p).detach_().DetachFromDisposeScope();

    internal static void Replace(ref Tensor mine, Tensor theirs)
    {
        mine?.Dispose();
        mine = theirs?.clone().DetachFromDisposeScope();
    }

    protected internal static void SaveConditionalStateTensor(System.IO.BinaryWriter writer, Tensor tensor)
    {
        writer.Write(tensor is not null);
        tensor?.Save(writer);
    }

    protected internal static void LoadConditionalStateTensor(System.IO.BinaryReader reader, ref Tensor result, Device device)
    {
        result?.Dispose();
        result = reader.ReadBoolean() ? TensorExtensionMethods.Load(reader).to(device, disposeAfter: true).DetachFromDisposeScope() : null;
    }
}

public abstract partial class OptimizerHelper : optim.Optimizer
{
    protected OptimizerOptions _defaults;
    protected OrderedDict<IntPtr, OptimizerState> _state = new();

    public OptimizerHelper() : base(IntPtr.Zero) => _parameter_groups = [];

    /// <summary>Runs the closure with gradients on, then the change of every group with gradients off.</summary>
    protected Tensor _step<T>(Action<T> body, Func<Tensor> loss_closure = null) where T : ParamGroup
    {
        Tensor loss = null;
        if (loss_closure is not null)
        {
            using var grad = enable_grad();
            loss = loss_closure();
        }
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        foreach (var group in _parameter_groups) body((T)group);
        return loss;
    }

    public override void add_param_group(ParamGroup param_group)
    {
        param_group.Parameters = param_group.Parameters.ToList();
        param_group.Options.LearningRate ??= _defaults.LearningRate;
        param_group.Options.InitialLearningRate = param_group.LearningRate;
        _parameter_groups.Add(param_group);
    }

    private protected void AddStates(ParamGroup group, Func<Parameter, OptimizerState> create)
    {
        foreach (var p in group.Parameters)
        {
            var state = create(p);
            state.Initialize(group.Options);
            _state[p.Handle] = state;
        }
    }

    /// <summary>The parameters of a group that have a gradient, with their states.</summary>
    private protected (Tensor[] Parameters, Tensor[] Gradients, TState[] States) Ready<TState>(ParamGroup group) where TState : OptimizerState
    {
        var (parameters, gradients, states) = (new List<Tensor>(), new List<Tensor>(), new List<TState>());
        foreach (var p in group.Parameters)
        {
            var g = p.grad;
            if (g is null) continue;
            parameters.Add(p);
            gradients.Add(g);
            states.Add((TState)_state[p.Handle]);
        }
        return (parameters.ToArray(), gradients.ToArray(), states.ToArray());
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var (_, s) in _state) (s as IDisposable)?.Dispose();
        _state.clear();
    }
}
