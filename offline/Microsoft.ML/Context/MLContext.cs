using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Where every ML.NET program begins: catalogs of components, and the environment they share.</summary>
public sealed class MLContext : IHostEnvironmentInternal
{
    private readonly RootHost _env;

    /// <param name="seed">Makes everything random that is done through this context repeatable.</param>
    public MLContext(int? seed = null)
    {
        _env = new RootHost(seed) { OnMessage = Publish };
        BinaryClassification = new(_env);
        MulticlassClassification = new(_env);
        Regression = new(_env);
        Clustering = new(_env);
        Ranking = new(_env);
        AnomalyDetection = new(_env);
        Forecasting = new(_env);
        Transforms = new(_env);
        Model = new(_env);
        Data = new(_env);
    }

    public BinaryClassificationCatalog BinaryClassification { get; }
    public MulticlassClassificationCatalog MulticlassClassification { get; }
    public RegressionCatalog Regression { get; }
    public ClusteringCatalog Clustering { get; }
    public RankingCatalog Ranking { get; }
    public AnomalyDetectionCatalog AnomalyDetection { get; }
    public ForecastingCatalog Forecasting { get; }
    public TransformsCatalog Transforms { get; }
    public ModelOperationsCatalog Model { get; }
    public DataOperationsCatalog Data { get; }

    /// <summary>Every message of every component.</summary>
    public event EventHandler<LoggingEventArgs> Log;

    public ComponentCatalog ComponentCatalog => _env.ComponentCatalog;
    public string TempFilePath { get => _env.TempFilePath; set => _env.TempFilePath = value; }
    public bool FallbackToCpu { get => _env.FallbackToCpu; set => _env.FallbackToCpu = value; }
    public int? GpuDeviceId { get => _env.GpuDeviceId; set => _env.GpuDeviceId = value; }

    public bool TryAddOption<T>(string name, T value) => _env.TryAddOption(name, value);
    public void SetOption<T>(string name, T value) => _env.SetOption(name, value);
    public bool TryGetOption<T>(string name, out T value) => _env.TryGetOption(name, out value);
    public T GetOptionOrDefault<T>(string name) => _env.GetOptionOrDefault<T>(name);
    public bool RemoveOption(string name) => _env.RemoveOption(name);

    int? IHostEnvironmentInternal.Seed => _env.Seed;
    string IExceptionContext.ContextDescription => _env.ContextDescription;
    TException IExceptionContext.Process<TException>(TException ex) => _env.Process(ex);
    IChannel IChannelProvider.Start(string name) => _env.Start(name);
    IPipe<TMessage> IChannelProvider.StartPipe<TMessage>(string name) => _env.StartPipe<TMessage>(name);
    IProgressChannel IProgressChannelProvider.StartProgressChannel(string name) => _env.StartProgressChannel(name);
    IHost IHostEnvironment.Register(string name, int? seed, bool? verbose) => _env.Register(name, seed, verbose);

    private void Publish(ChannelMessage message, string source)
    {
        if (Log is { } log) log(this, new LoggingEventArgs(message.Message, message.Kind, source));
    }
}

/// <summary>A message of <see cref="MLContext.Log"/>.</summary>
public class LoggingEventArgs : EventArgs
{
    public LoggingEventArgs(string message) => RawMessage = Message = message;

    public LoggingEventArgs(string message, ChannelMessageKind kind, string source)
    {
        RawMessage = message;
        Kind = kind;
        Source = source;
        Message = $"[Source={source}, Kind={kind}] {message}";
    }

    /// <summary>The component and channel it came from.</summary>
    public string Source { get; }

    public ChannelMessageKind Kind { get; }

    /// <summary>The text with source and kind before it.</summary>
    public string Message { get; }

    public string RawMessage { get; }
}
