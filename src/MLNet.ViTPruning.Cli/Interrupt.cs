using System.Runtime.InteropServices;

namespace MLNet.ViTPruning.Cli;

/// <summary>Ctrl-C, or the end that a job queue asks for: the first one asks the work to end, so that no half-written file stays; the second ends the process.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    private readonly PosixSignalRegistration _terminate;

    public Interrupt()
    {
        Console.CancelKeyPress += OnKey;
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Ask();
        });
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        Console.CancelKeyPress -= OnKey;
        _terminate.Dispose();
        _source.Dispose();
    }

    private void OnKey(object? sender, ConsoleCancelEventArgs e)
    {
        e.Cancel = true;
        Ask();
    }

    private void Ask()
    {
        if (_source.IsCancellationRequested) Environment.Exit(Failure.Interrupted);
        _source.Cancel();
    }
}
