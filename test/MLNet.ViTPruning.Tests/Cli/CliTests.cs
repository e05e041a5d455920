namespace MLNet.ViTPruning.Tests.Cli;

/// <summary>Tests of the program; each has a workspace of its own.</summary>
public abstract class CliTests
{
    private protected CliWorkspace Workspace { get; } = new();

    [TestCleanup]
    public void RemoveWorkspace() => Workspace.Dispose();

    /// <summary>A word of a command line: MODEL, FOLDER and DATA stand for the generated ones, what has a dot for a file in that folder.</summary>
    private protected string Resolve(string word) => word switch
    {
        "MODEL" => Workspace.ModelPath,
        "DATA" => Workspace.Data,
        _ when word.Contains("FOLDER", StringComparison.Ordinal) => word.Replace("FOLDER", Workspace.Folder, StringComparison.Ordinal),
        _ when Path.GetExtension(word) is [_, > '9', ..] && !word.StartsWith('-') => Workspace[word],
        _ => word,
    };
}
