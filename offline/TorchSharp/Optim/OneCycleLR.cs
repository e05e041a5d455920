using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>Up to the greatest rate and far down again (Smith and Topin, arXiv:1708.07120); momentum runs against it.</summary>
                public class OneCycleLR : LRScheduler
                {
                    public enum AnnealStrategy { Cos = 0, Linear = 1 }

                    private readonly (double End, double From, double To, double FromMomentum, double ToMomentum)[][] _phases;
                    private readonly AnnealStrategy _strategy;
                    private readonly bool _cycle;

                    public OneCycleLR(Optimizer optimizer, double max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, double base_momentum = 0.85, double max_momentum = 0.95, double div_factor = 25, double final_div_factor = 10000, bool three_phase = false, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, Enumerable.Repeat(max_lr, optimizer.ParamGroups.Count()), total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum,
                            Enumerable.Repeat(base_momentum, optimizer.ParamGroups.Count()), Enumerable.Repeat(max_momentum, optimizer.ParamGroups.Count()), div_factor, final_div_factor, three_phase, last_epoch, verbose)
                    { }

                    public OneCycleLR(Optimizer optimizer, IEnumerable<double> max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, IEnumerable<double> base_momentum = null, IEnumerable<double> max_momentum = null, double div_factor = 25, double final_div_factor = 10000, bool three_phase = false, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        if (total_steps <= 0 && (epochs <= 0 || steps_per_epoch <= 0)) throw new ArgumentException("Give total_steps, or epochs and steps_per_epoch.");
                        double total = total_steps > 0 ? total_steps : epochs * steps_per_epoch;
                        (_strategy, _cycle) = (anneal_strategy, cycle_momentum);
                        var greatest = max_lr.ToArray();
                        var lows = base_momentum?.ToArray() ?? Array.ConvertAll(greatest, _ => 0.85);
                        var highs = max_momentum?.ToArray() ?? Array.ConvertAll(greatest, _ => 0.95);
                        _phases = new (double, double, double, double, double)[greatest.Length][];
                        for (var i = 0; i < greatest.Length; i++)
                        {
                            var (first, top, low, high) = (greatest[i] / div_factor, greatest[i], lows[i], highs[i]);
                            var last = first / final_div_factor;
                            var up = pct_start * total - 1;
                            _phases[i] = three_phase
                                ? [(up, first, top, high, low), (2 * pct_start * total - 2, top, first, low, high), (total - 1, first, last, high, high)]
                                : [(up, first, top, high, low), (total - 1, top, last, low, high)];
                        }
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => _phases.Select(p => At(p, false)).ToArray();

                    private protected override void Apply()
                    {
                        base.Apply();
                        if (!_cycle) return;
                        foreach (var (group, phases) in _optimizer.ParamGroups.Zip(_phases))
                        {
                            if (group is IMomentum m) m.Momentum = At(phases, true);
                            else if (group is IBetas b) b.Betas = (At(phases, true), b.Betas.Item2);
                        }
                    }

                    private double At((double End, double From, double To, double FromMomentum, double ToMomentum)[] phases, bool momentum)
                    {
                        var start = 0.0;
                        for (var i = 0; i < phases.Length; i++)
                        {
                            var p = phases[i];
                            if (_epoch <= p.End || i == phases.Length - 1)
                            {
                                var done = (_epoch - start) / (p.End - start);
                                var (from, to) = momentum ? (p.FromMomentum, p.ToMomentum) : (p.From, p.To);
                                return _strategy == AnnealStrategy.Cos ? to + (from - to) / 2 * (1 + Math.Cos(Math.PI * done)) : from + (to - from) * done;
                            }
                            start = p.End;
                        }
                        throw new System.Diagnostics.UnreachableException();
                    }
                }
            }

            public static LRScheduler OneCycleLR(Optimizer optimizer, double max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, impl.OneCycleLR.AnnealStrategy anneal_strategy = impl.OneCycleLR.AnnealStrategy.Cos, bool cycle_momentum = true, double base_momentum = 0.85, double max_momentum = 0.95, double div_factor = 25, double final_div_factor = 10000, bool three_phase = false, int last_epoch = -1, bool verbose = false) =>
                new impl.OneCycleLR(optimizer, max_lr, total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum, base_momentum, max_momentum, div_factor, final_div_factor, three_phase, last_epoch, verbose);

            public static LRScheduler OneCycleLR(Optimizer optimizer, IEnumerable<double> max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3, impl.OneCycleLR.AnnealStrategy anneal_strategy = impl.OneCycleLR.AnnealStrategy.Cos, bool cycle_momentum = true, IEnumerable<double> base_momentum = null, IEnumerable<double> max_momentum = null, double div_factor = 25, double final_div_factor = 10000, bool three_phase = false, int last_epoch = -1, bool verbose = false) =>
                new impl.OneCycleLR(optimizer, max_lr, total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum, base_momentum, max_momentum, div_factor, final_div_factor, three_phase, last_epoch, verbose);
        }
    }
}
