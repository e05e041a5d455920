using System.Collections.Concurrent;

namespace Microsoft.ML.Runtime;

/// <summary>The environment behind an MLContext, and of each component registered with it.</summary>
internal abstract class HostBase : IHostEnvironmentInternal
{
    private readonly Lock _gate = new();
    private readonly Random _rand;
    private readonly ConcurrentDictionary<string, object> _options;

    /// <summary>The outermost environment, whose random numbers follow from the seed (or, without one, from chance).</summary>
    protected HostBase(int? seed)
    {
        Seed = seed;
        _rand = seed is { } s ? new Random(s) : new Random();
        _options = new();
        FullName = "";
        TempFilePath = Path.GetTempPath();
    }

    protected HostBase(HostBase parent, string name, int? seed)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        FullName = parent.FullName.Length == 0 ? name : $"{parent.FullName}; {name}";
        Seed = seed ?? parent.Seed;
        lock (parent._gate) _rand = new Random(seed ?? parent._rand.Next());
        _options = new(parent._options);
        TempFilePath = parent.TempFilePath;
        GpuDeviceId = parent.GpuDeviceId;
        FallbackToCpu = parent.FallbackToCpu;
    }

    public abstract RootHost Root { get; }
    public string FullName { get; }
    public Random Rand => _rand;
    public int? Seed { get; }
    public string TempFilePath { get; set; }
    public int? GpuDeviceId { get; set; }
    public bool FallbackToCpu { get; set; } = true;
    public ComponentCatalog ComponentCatalog => Root.Catalog;
    public string ContextDescription => FullName;

    public TException Process<TException>(TException ex)
        where TException : Exception => ex;

    public IHost Register(string name, int? seed = null, bool? verbose = null) => new Host(this, name, seed);
    public IChannel Start(string name) => new Channel(this, name);
    public IPipe<TMessage> StartPipe<TMessage>(string name) =>
        typeof(TMessage) == typeof(ChannelMessage) ? (IPipe<TMessage>)(object)new Channel(this, name) : new SilentPipe<TMessage>(this);
    public IProgressChannel StartProgressChannel(string name) => new ProgressChannel(this, name);

    public bool TryAddOption<T>(string name, T value) => _options.TryAdd(name, value);
    public void SetOption<T>(string name, T value) => _options[name] = value;
    public T GetOptionOrDefault<T>(string name) => TryGetOption(name, out T value) ? value : default;
    public bool RemoveOption(string name) => _options.TryRemove(name, out _);

    public bool TryGetOption<T>(string name, out T value)
    {
        if (_options.TryGetValue(name, out var stored))
        {
            value = (T)stored;
            return true;
        }
        value = default;
        return false;
    }
}

internal sealed class Host(HostBase parent, string name, int? seed) : HostBase(parent, name, seed), IHost
{
    public override RootHost Root { get; } = parent.Root;
}

/// <summary>The outermost environment: knows the components and raises the log event.</summary>
internal sealed class RootHost(int? seed) : HostBase(seed)
{
    public override RootHost Root => this;
    public ComponentCatalog Catalog { get; } = new();

    /// <summary>Told of every message; several threads may call at once.</summary>
    public Action<ChannelMessage, string> OnMessage { get; set; }

    public void Publish(ChannelMessage message, string source) => OnMessage?.Invoke(message, source);
}
