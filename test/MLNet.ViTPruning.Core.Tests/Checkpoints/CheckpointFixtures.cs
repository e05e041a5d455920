namespace MLNet.ViTPruning.Tests.Checkpoints;

/// <summary>Files that test/peers/make_checkpoint_fixtures.py wrote with PyTorch 1.13.</summary>
internal static class CheckpointFixtures
{
    public static string Of(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "checkpoints", name);
}
