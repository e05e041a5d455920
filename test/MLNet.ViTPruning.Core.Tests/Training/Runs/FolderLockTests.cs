using MLNet.ViTPruning.Tests.Checkpoints;
using MLNet.ViTPruning.Training.Runs;

namespace MLNet.ViTPruning.Tests.Training.Runs;

[TestClass]
public sealed class FolderLockTests
{
    [TestMethod]
    public void ASecondLockIsRefusedUntilTheFirstIsLetGo()
    {
        using var folder = new TemporaryFolder();
        using (new FolderLock(folder.File(".lock")))
        {
            var fault = Assert.ThrowsExactly<IOException>(() => new FolderLock(folder.File(".lock")));
            StringAssert.Contains(fault.Message, folder.Path);
        }
        using var again = new FolderLock(folder.File(".lock"));
    }

    [TestMethod]
    public void AnOldFileOfADeadProcessDoesNotBlock()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(".lock"), "");
        using var held = new FolderLock(folder.File(".lock"));
    }
}
