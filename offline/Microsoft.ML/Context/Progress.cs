namespace Microsoft.ML.Runtime;

public interface IProgressChannelProvider
{
    IProgressChannel StartProgressChannel(string name);
}

/// <summary>Reports how far a component has come.</summary>
public interface IProgressChannel : IProgressChannelProvider, IDisposable
{
    void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction);
    void Checkpoint(params double?[] values);
}

public interface IProgressEntry
{
    void SetProgress(int index, double value);
    void SetProgress(int index, double value, double lim);
    void SetMetric(int index, double value);
}

/// <summary>What a progress channel's numbers mean.</summary>
public sealed class ProgressHeader
{
    public readonly IReadOnlyList<string> UnitNames;
    public readonly IReadOnlyList<string> MetricNames;

    public ProgressHeader(string[] metricNames, string[] unitNames)
    {
        MetricNames = metricNames ?? [];
        UnitNames = unitNames ?? [];
    }

    public ProgressHeader(params string[] unitNames) : this(null, unitNames) { }
}

/// <summary>Writes each checkpoint to the log as one trace message.</summary>
internal sealed class ProgressChannel(HostBase host, string name) : IProgressChannel
{
    private ProgressHeader _header = new();

    public void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction) => _header = header
        ?? throw new ArgumentNullException(nameof(header));

    public void Checkpoint(params double?[] values)
    {
        var names = _header.MetricNames.Concat(_header.UnitNames).ToArray();
        var parts = (values ?? []).Select((v, i) =>
            v == null ? null : FormattableString.Invariant($"{(i < names.Length ? names[i] : "value")} {v:g}")).Where(p => p != null);
        host.Root.Publish(new(ChannelMessageKind.Trace, MessageSensitivity.None, string.Join(", ", parts)), $"{host.FullName}; {name}");
    }

    public IProgressChannel StartProgressChannel(string name) => new ProgressChannel(host, name);
    public void Dispose() { }
}
