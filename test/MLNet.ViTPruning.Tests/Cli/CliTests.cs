namespace MLNet.ViTPruning.Tests.Cli;

/// <summary>Tests of the program; each has a workspace of its own.</summary>
public abstract class CliTests
{
    private protected CliWorkspace Workspace { get; } = new();

    [TestCleanup]
    public void RemoveWorkspace() => Workspace.Dispose();
}
