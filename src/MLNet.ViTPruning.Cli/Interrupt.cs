namespace MLNet.ViTPruning.Cli;

/// <summary>Ctrl-C: the first one asks the work to end, so that no half-written file stays; the second ends the process.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    public Interrupt() => Console.CancelKeyPress += OnKey;

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        Console.CancelKeyPress -= OnKey;
        _source.Dispose();
    }

    private void OnKey(object? sender, ConsoleCancelEventArgs e)
    {
        if (_source.IsCancellationRequested) Environment.Exit(Failure.Interrupted);
        e.Cancel = true;
        _source.Cancel();
    }
}
