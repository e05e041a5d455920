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
            /// <summary>Sets the learning rate of every group after each step, from the rate it began with.</summary>
            public abstract class LRScheduler
            {
                private protected readonly Optimizer _optimizer;
                private protected double[] _base, _last;
                private protected int _epoch;
                protected int _step_count;

                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    _optimizer = optimizer;
                    _epoch = last_epoch;
                    foreach (var g in optimizer.ParamGroups)
                        if (last_epoch == -1) g.InitialLearningRate = g.LearningRate;
                    _base = [.. optimizer.ParamGroups.Select(g => g.InitialLearningRate)];
                    _last = [.. optimizer.ParamGroups.Select(g => g.LearningRate)];
                }

                /// <summary>The rates of the present epoch, one a group.</summary>
                protected abstract IEnumerable<double> get_lr();

                public IEnumerable<double> get_last_lr() => _last;

                public virtual void step() => step(null);

                public virtual void step(int? epoch)
                {
                    _step_count++;
                    _epoch = epoch ?? _epoch + 1;
                    Apply();
                }

                public virtual void step(double current, int? epoch = null) => step(epoch);

                private protected virtual void Apply()
                {
                    _last = [.. get_lr()];
                    foreach (var (g, lr) in _optimizer.ParamGroups.Zip(_last)) g.LearningRate = lr;
                }
            }

            private static double[] Scaled(double[] rates, double factor) => Array.ConvertAll(rates, r => r * factor);
        }
    }
}
