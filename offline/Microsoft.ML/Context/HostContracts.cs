namespace Microsoft.ML.Runtime;

/// <summary>Adds what it knows to an exception before it is thrown.</summary>
public interface IExceptionContext
{
    TException Process<TException>(TException ex)
        where TException : Exception;

    string ContextDescription { get; }
}

/// <summary>Takes messages of one kind.</summary>
public interface IPipe<TMessage> : IExceptionContext, IDisposable
{
    void Send(TMessage msg);
}

public interface IChannelProvider : IExceptionContext
{
    IChannel Start(string name);
    IPipe<TMessage> StartPipe<TMessage>(string name);
}

/// <summary>Where a component gets its randomness, its log and its options from.</summary>
public interface IHostEnvironment : IChannelProvider, IProgressChannelProvider
{
    /// <summary>An environment of a component's own. Its <see cref="IHost.Rand"/> follows from the parent's, or from <paramref
    /// name="seed"/>.</summary>
    IHost Register(string name, int? seed = null, bool? verbose = null);

    ComponentCatalog ComponentCatalog { get; }
}

public interface IHost : IHostEnvironment
{
    /// <summary>Not safe for several threads.</summary>
    Random Rand { get; }
}

/// <summary>The options of an MLContext as a component sees them. Hosts copy the values when they are registered.</summary>
internal interface IHostEnvironmentInternal : IHostEnvironment
{
    int? Seed { get; }
    string TempFilePath { get; set; }
    int? GpuDeviceId { get; set; }
    bool FallbackToCpu { get; set; }
    bool TryAddOption<T>(string name, T value);
    void SetOption<T>(string name, T value);
    bool TryGetOption<T>(string name, out T value);
    T GetOptionOrDefault<T>(string name);
    bool RemoveOption(string name);
}
