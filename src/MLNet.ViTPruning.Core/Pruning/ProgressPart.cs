namespace MLNet.ViTPruning.Pruning;

/// <summary>Progress of one part of the work, told as progress of the whole.</summary>
internal sealed class ProgressPart : IProgress<double>
{
    private readonly IProgress<double> _whole;
    private readonly double _from, _to;

    private ProgressPart(IProgress<double> whole, double from, double to) => (_whole, _from, _to) = (whole, from, to);

    /// <param name="whole">Who is told of the whole, or null.</param>
    /// <param name="from">Share of the whole that is done when the part begins.</param>
    /// <param name="to">Share when it ends.</param>
    public static IProgress<double>? Of(IProgress<double>? whole, double from, double to) => whole is null ? null : new ProgressPart(whole, from, to);

    /// <inheritdoc/>
    public void Report(double value) => _whole.Report(_from + (_to - _from) * value);
}
