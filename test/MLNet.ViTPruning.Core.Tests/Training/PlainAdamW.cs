using MLNet.ViTPruning.Training;

namespace MLNet.ViTPruning.Tests.Training;

/// <summary>AdamW, schedule, clipping and moving average in plain double arithmetic, for a loss of s / 2 * sum of all squared weights,
/// whose gradient is s * weight.</summary>
internal sealed class PlainAdamW(TrainingOptions o, int stepsPerEpoch, IEnumerable<(double[] Weights, bool Decays)> parameters)
{
    private readonly List<(double[] W, double[] M, double[] V, double[] Average, bool Decays)> _parameters =
        [.. parameters.Select(p => (p.Weights, new double[p.Weights.Length], new double[p.Weights.Length], p.Weights.ToArray(), p.Decays))];

    private int _done, _averaged;

    public double[] Weights => [.. _parameters.SelectMany(p => o.EmaDecay is null ? p.W : p.Average)];

    /// <param name="step">The step, from 0.</param>
    /// <param name="s">The factor of its loss; NaN for a step that is skipped.</param>
    public void Step(int step, double s)
    {
        if (!double.IsNaN(s)) Change(RateAt(step), s);
        bool lastOfEpoch = (step + 1) % stepsPerEpoch == 0;
        if (o.EmaDecay is not { } decay || (o.EmaUpdate == EmaUpdate.Epoch ? !lastOfEpoch : double.IsNaN(s))) return;
        _averaged++;
        double d = Math.Min(decay, (1.0 + _averaged) / (10 + _averaged));
        foreach (var p in _parameters)
            for (int i = 0; i < p.W.Length; i++) p.Average[i] = d * p.Average[i] + (1 - d) * p.W[i];
    }

    private double RateAt(int step)
    {
        double warm = Math.Round(o.WarmUpEpochs * stepsPerEpoch), all = o.Epochs * stepsPerEpoch;
        return step < warm
            ? o.WarmUpLearningRate + (o.LearningRate - o.WarmUpLearningRate) * step / warm
            : o.MinLearningRate + (o.LearningRate - o.MinLearningRate) / 2 * (1 + Math.Cos(Math.PI * (step - warm) / (all - warm)));
    }

    private void Change(double rate, double s)
    {
        double norm = s * Math.Sqrt(_parameters.Sum(p => p.W.Sum(w => w * w)));
        if (o.GradientClip is { } clip && norm > clip) s *= clip / norm;
        _done++;
        foreach (var p in _parameters)
        {
            for (int i = 0; i < p.W.Length; i++)
            {
                double g = s * p.W[i];
                p.M[i] = 0.9 * p.M[i] + 0.1 * g;
                p.V[i] = 0.999 * p.V[i] + 0.001 * g * g;
                double m = p.M[i] / (1 - Math.Pow(0.9, _done)), v = p.V[i] / (1 - Math.Pow(0.999, _done));
                p.W[i] -= rate * ((p.Decays ? o.WeightDecay * p.W[i] : 0) + m / (Math.Sqrt(v) + 1e-8));
            }
        }
    }
}
