using System;
using System.Collections.Generic;
using System.IO;

using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Gradient descent, with momentum where asked for.</summary>
public class SGD : OptimizerHelper, optim.IMomentum
{
    public SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize) { }

    public SGD(IEnumerable<ParamGroup> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
    {
        if (lr < 0) throw new ArgumentException($"Invalid learning rate: {lr}");
        if (momentum < 0) throw new ArgumentException($"Invalid momentum value: {momentum}");
        if (weight_decay < 0) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
        if (nesterov && (momentum <= 0 || dampening != 0)) throw new ArgumentException("Nesterov momentum requires a momentum and zero dampening");
        _defaults = new Options
        {
            LearningRate = lr,
            InitialLearningRate = lr,
            momentum = momentum,
            dampening = dampening,
            weight_decay = weight_decay,
            nesterov = nesterov,
            maximize = maximize,
        };
        foreach (var g in parameters) add_param_group(g);
    }

    public override void add_param_group(Modules.ParamGroup param_group)
    {
        var (o, d) = ((Options)param_group.Options, (Options)_defaults);
        o.momentum ??= d.momentum;
        o.dampening ??= d.dampening;
        o.weight_decay ??= d.weight_decay;
        o.nesterov ??= d.nesterov;
        o.maximize ??= d.maximize;
        base.add_param_group(param_group);
        AddStates(param_group, p => new State(p));
    }

    public double Momentum
    {
        get => ((Options)_defaults).momentum.Value;
        set
        {
            ((Options)_defaults).momentum = value;
            foreach (var g in _parameter_groups) ((ParamGroup)g).Momentum = value;
        }
    }

    public override Tensor step(Func<Tensor> closure = null) => _step<ParamGroup>(Change, closure);

    private void Change(ParamGroup group)
    {
        var o = group.Options;
        var (parameters, gradients, states) = Ready<State>(group);
        if (parameters.Length == 0) return;
        if (o.maximize == true) gradients = Aten._foreach_neg.CallList(gradients);
        if (o.weight_decay != 0) gradients = Aten._foreach_add_List.CallList(gradients, parameters, o.weight_decay);
        if (o.momentum != 0) gradients = Momentums(o, gradients, states);
        Aten._foreach_add__List.Run(parameters, gradients, -group.LearningRate);
    }

    private static Tensor[] Momentums(Options o, Tensor[] gradients, State[] states)
    {
        for (var i = 0; i < states.Length; i++)
        {
            ref var buffer = ref states[i].momentum_buffer;
            if (buffer is null) buffer = gradients[i].detach().clone().DetachFromDisposeScope();
            else buffer.mul_(o.momentum.Value).add_(gradients[i], 1 - o.dampening.Value);
        }
        var buffers = Array.ConvertAll(states, s => s.momentum_buffer);
        return o.nesterov == true ? Aten._foreach_add_List.CallList(gradients, buffers, o.momentum) : buffers;
    }

    public class Options : OptimizerOptions
    {
        public double? momentum, dampening, weight_decay;
        public bool? nesterov, maximize;

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var o = (Options)source;
            (momentum, dampening, weight_decay, nesterov, maximize) = (o.momentum, o.dampening, o.weight_decay, o.nesterov, o.maximize);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            (momentum, dampening, weight_decay) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
            (nesterov, maximize) = (reader.ReadBoolean(), reader.ReadBoolean());
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            foreach (var d in (double?[])[momentum, dampening, weight_decay]) writer.Write(d.Value);
            writer.Write(nesterov.Value);
            writer.Write(maximize.Value);
        }
    }

    public class ParamGroup : ParamGroup<Options>, optim.IMomentum
    {
        public ParamGroup() { }
        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
            : base(parameters, new Options { LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize }) { }

        public double Momentum
        {
            get => Options.momentum.Value;
            set => Options.momentum = value;
        }
    }

    public sealed class State : OptimizerState, IDisposable
    {
        public Tensor momentum_buffer;

        public State(Parameter parameter) : base(parameter) { }

        public override void Initialize(OptimizerOptions options) => Dispose();

        public override void LoadStateDict(OptimizerState source) => Replace(ref momentum_buffer, ((State)source).momentum_buffer);
        public override void LoadStateDict(BinaryReader reader) => LoadConditionalStateTensor(reader, ref momentum_buffer, _parameter.device);
        public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, momentum_buffer);

        public void Dispose()
        {
            momentum_buffer?.Dispose();
            momentum_buffer = null;
        }
    }
}
