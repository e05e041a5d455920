namespace Microsoft.ML.Runtime;

public enum ChannelMessageKind { Trace = 0, Info = 1, Warning = 2, Error = 3 }

/// <summary>What a message may hold of the user's.</summary>
[Flags]
public enum MessageSensitivity { Unknown = ~0, None = 0, UserData = 1 << 0, Schema = 1 << 1, All = ~0 }

public readonly struct ChannelMessage
{
    public readonly ChannelMessageKind Kind;
    public readonly MessageSensitivity Sensitivity;
    private readonly string _message;
    private readonly object[] _args;

    /// <summary>The text, formatted when asked for.</summary>
    public string Message => _args is { Length: > 0 } ? string.Format(System.Globalization.CultureInfo.InvariantCulture, _message, _args) : _message;

    internal ChannelMessage(ChannelMessageKind kind, MessageSensitivity sensitivity, string message, object[] args = null)
    {
        Kind = kind;
        Sensitivity = sensitivity;
        _message = message;
        _args = args;
    }
}

/// <summary>A component's log.</summary>
public interface IChannel : IPipe<ChannelMessage>
{
    void Trace(MessageSensitivity sensitivity, string fmt);
    void Trace(MessageSensitivity sensitivity, string fmt, params object[] args);
    void Error(MessageSensitivity sensitivity, string fmt);
    void Error(MessageSensitivity sensitivity, string fmt, params object[] args);
    void Warning(MessageSensitivity sensitivity, string fmt);
    void Warning(MessageSensitivity sensitivity, string fmt, params object[] args);
    void Info(MessageSensitivity sensitivity, string fmt);
    void Info(MessageSensitivity sensitivity, string fmt, params object[] args);
}

/// <summary>Sends messages to the context's Log event.</summary>
internal sealed class Channel(HostBase host, string name) : IChannel
{
    public string ContextDescription => host.ContextDescription;
    public TException Process<TException>(TException ex)
        where TException : Exception => host.Process(ex);

    public void Send(ChannelMessage msg) => host.Root.Publish(msg, host.FullName.Length == 0 ? name : $"{host.FullName}; {name}");

    public void Trace(MessageSensitivity sensitivity, string fmt) => Send(new(ChannelMessageKind.Trace, sensitivity, fmt));
    public void Trace(MessageSensitivity sensitivity, string fmt, params object[] args) =>
        Send(new(ChannelMessageKind.Trace, sensitivity, fmt, args));
    public void Error(MessageSensitivity sensitivity, string fmt) => Send(new(ChannelMessageKind.Error, sensitivity, fmt));
    public void Error(MessageSensitivity sensitivity, string fmt, params object[] args) =>
        Send(new(ChannelMessageKind.Error, sensitivity, fmt, args));
    public void Warning(MessageSensitivity sensitivity, string fmt) => Send(new(ChannelMessageKind.Warning, sensitivity, fmt));
    public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args) =>
        Send(new(ChannelMessageKind.Warning, sensitivity, fmt, args));
    public void Info(MessageSensitivity sensitivity, string fmt) => Send(new(ChannelMessageKind.Info, sensitivity, fmt));
    public void Info(MessageSensitivity sensitivity, string fmt, params object[] args) =>
        Send(new(ChannelMessageKind.Info, sensitivity, fmt, args));

    public void Dispose() { }
}

/// <summary>A pipe nobody listens to.</summary>
internal sealed class SilentPipe<TMessage>(HostBase host) : IPipe<TMessage>
{
    public string ContextDescription => host.ContextDescription;
    public TException Process<TException>(TException ex)
        where TException : Exception => host.Process(ex);

    public void Send(TMessage msg) { }
    public void Dispose() { }
}
