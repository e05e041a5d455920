using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Adam with weight decay apart from the gradient (Loshchilov and Hutter, arXiv:1711.05101).</summary>
public class AdamW : OptimizerHelper, optim.IBetas
{
    public AdamW(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize) { }

    public AdamW(IEnumerable<ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
    {
        Moments.Validate(lr, beta1, beta2, eps, weight_decay);
        _defaults = new Options
        {
            LearningRate = lr,
            InitialLearningRate = lr,
            beta1 = beta1,
            beta2 = beta2,
            eps = eps,
            weight_decay = weight_decay,
            amsgrad = amsgrad,
            maximize = maximize,
        };
        foreach (var g in parameters) add_param_group(g);
    }

    public override void add_param_group(Modules.ParamGroup param_group)
    {
        var (o, d) = ((Options)param_group.Options, (Options)_defaults);
        o.beta1 ??= d.beta1;
        o.beta2 ??= d.beta2;
        o.eps ??= d.eps;
        o.weight_decay ??= d.weight_decay;
        o.amsgrad ??= d.amsgrad;
        o.maximize ??= d.maximize;
        base.add_param_group(param_group);
        AddStates(param_group, p => new State(p));
    }

    public (double, double) Betas
    {
        get => ((Options)_defaults) is var d ? (d.beta1.Value, d.beta2.Value) : default;
        set
        {
            ((Options)_defaults).beta1 = value.Item1;
            ((Options)_defaults).beta2 = value.Item2;
            foreach (var g in _parameter_groups) ((ParamGroup)g).Betas = value;
        }
    }

    public override Tensor step(Func<Tensor> closure = null) => _step<ParamGroup>(Change, closure);

    private void Change(ParamGroup group)
    {
        var o = group.Options;
        var (parameters, gradients, states) = Ready<State>(group);
        foreach (var s in states) s.step++;
        // Parameters that had no gradient in some steps are behind, and have other bias corrections.
        foreach (var same in Enumerable.Range(0, states.Length).GroupBy(i => states[i].step))
        {
            var at = same.ToArray();
            T[] Of<T>(Func<int, T> pick) => Array.ConvertAll(at, i => pick(i));
            Moments.Step(decoupled: true, group.LearningRate, o.beta1.Value, o.beta2.Value, o.eps.Value, o.weight_decay.Value, o.maximize.Value, same.Key,
                Of(i => parameters[i]), Of(i => gradients[i]), Of(i => states[i].exp_avg), Of(i => states[i].exp_avg_sq),
                o.amsgrad.Value ? Of(i => states[i].max_exp_avg_sq) : null);
        }
    }

    public class Options : OptimizerOptions
    {
        public double? beta1, beta2, eps, weight_decay;
        public bool? amsgrad, maximize;

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var o = (Options)source;
            (beta1, beta2, eps, weight_decay, amsgrad, maximize) = (o.beta1, o.beta2, o.eps, o.weight_decay, o.amsgrad, o.maximize);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            (beta1, beta2, eps, weight_decay) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
            (amsgrad, maximize) = (reader.ReadBoolean(), reader.ReadBoolean());
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            foreach (var d in (double?[])[beta1, beta2, eps, weight_decay]) writer.Write(d.Value);
            writer.Write(amsgrad.Value);
            writer.Write(maximize.Value);
        }
    }

    public class ParamGroup : ParamGroup<Options>, optim.IBetas
    {
        public ParamGroup() { }
        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : base(parameters, new Options { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize }) { }

        public (double, double) Betas
        {
            get => (Options.beta1.Value, Options.beta2.Value);
            set => (Options.beta1, Options.beta2) = (value.Item1, value.Item2);
        }
    }

    public sealed class State : OptimizerState, IDisposable
    {
        public long step;
        public Tensor exp_avg, exp_avg_sq, max_exp_avg_sq;

        public State(Parameter parameter) : base(parameter) { }

        public override void Initialize(OptimizerOptions options)
        {
            Dispose();
            step = 0;
            (exp_avg, exp_avg_sq) = (Zeros(_parameter), Zeros(_parameter));
            max_exp_avg_sq = ((Options)options).amsgrad == true ? Zeros(_parameter) : null;
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var s = (State)source;
            step = s.step;
            Replace(ref exp_avg, s.exp_avg);
            Replace(ref exp_avg_sq, s.exp_avg_sq);
            Replace(ref max_exp_avg_sq, s.max_exp_avg_sq);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            LoadConditionalStateTensor(reader, ref exp_avg, _parameter.device);
            LoadConditionalStateTensor(reader, ref exp_avg_sq, _parameter.device);
            LoadConditionalStateTensor(reader, ref max_exp_avg_sq, _parameter.device);
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            SaveConditionalStateTensor(writer, exp_avg);
            SaveConditionalStateTensor(writer, exp_avg_sq);
            SaveConditionalStateTensor(writer, max_exp_avg_sq);
        }

        public void Dispose()
        {
            exp_avg?.Dispose();
            exp_avg_sq?.Dispose();
            max_exp_avg_sq?.Dispose();
        }
    }
}
