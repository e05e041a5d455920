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
                public class StepLR : LRScheduler
                {
                    private readonly int _size;
                    private readonly double _gamma;

                    public StepLR(Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (_size, _gamma) = (step_size, gamma);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => Scaled(_base, Math.Pow(_gamma, _epoch / _size));
                }

                public class MultiStepLR : LRScheduler
                {
                    private readonly IList<int> _milestones;
                    private readonly double _gamma;

                    public MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (_milestones, _gamma) = (milestones, gamma);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => Scaled(_base, Math.Pow(_gamma, _milestones.Count(m => m <= _epoch)));
                }

                public class ExponentialLR : LRScheduler
                {
                    private readonly double _gamma;

                    public ExponentialLR(Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        _gamma = gamma;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => Scaled(_base, Math.Pow(_gamma, _epoch));
                }

                public class LambdaLR : LRScheduler
                {
                    private readonly Func<int, double> _lambda;

                    public LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        _lambda = lr_lambda;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => Scaled(_base, _lambda(_epoch));
                }

                public class ConstantLR : LRScheduler
                {
                    private readonly double _factor;
                    private readonly int _total;

                    public ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (_factor, _total) = (factor, total_iters);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => Scaled(_base, _epoch < _total ? _factor : 1);
                }

                public class LinearLR : LRScheduler
                {
                    private readonly double _start, _end;
                    private readonly int _total;

                    public LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1, int total_iters = 5, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (_start, _end, _total) = (start_factor, end_factor, total_iters);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => Scaled(_base, _start + (_end - _start) * Math.Min(_epoch, _total) / _total);
                }

                public class CosineAnnealingLR : LRScheduler
                {
                    private readonly double _period, _least;

                    public CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                    {
                        (_period, _least) = (T_max, eta_min);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() =>
                        Array.ConvertAll(_base, b => _least + (b - _least) * (1 + Math.Cos(Math.PI * _epoch / _period)) / 2);
                }

                /// <summary>One schedule after the other; each counts its epochs from the milestone where it begins.</summary>
                public class SequentialLR : LRScheduler
                {
                    private readonly LRScheduler[] _schedulers;
                    private readonly int[] _milestones;

                    public SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int last_epoch = -1) : base(optimizer, 0)
                    {
                        (_schedulers, _milestones) = ([.. schedulers], [.. milestones]);
                        if (_milestones.Length != _schedulers.Length - 1)
                            throw new ArgumentException($"{_schedulers.Length} schedulers need {_schedulers.Length - 1} milestones; there are {_milestones.Length}.");
                        _epoch = last_epoch + 1;
                        _schedulers[0].step(0);
                        _last = [.. _schedulers[0].get_last_lr()];
                    }

                    private protected override void Apply()
                    {
                        var at = _milestones.Count(m => m <= _epoch);
                        if (at > 0 && _milestones[at - 1] == _epoch) _schedulers[at].step(0);
                        else _schedulers[at].step();
                        _last = [.. _schedulers[at].get_last_lr()];
                    }

                    protected override IEnumerable<double> get_lr() => _last;
                }
            }
        }
    }
}
