using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Tests.Cli;

/// <summary>A folder with a tiny model and generated CIFAR-100 files, gone when disposed.</summary>
internal sealed class CliWorkspace : IDisposable
{
    public CliWorkspace()
    {
        Directory.CreateDirectory(Folder);
        using (var model = VisionModel.Create(Configuration, seed: 1)) ModelFile.Save(model, ModelPath);
        var random = new Random(1);
        Cifar100Binary.Write(this["train.bin"], Rows(random, 40));
        Cifar100Binary.Write(this["test.bin"], Rows(random, 20));
    }

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), $"vitprune-cli-{Guid.NewGuid():N}");

    public string ModelPath => this["model.safetensors"];

    public string Data => $"cifar100:{Folder}";

    public string this[string name] => Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static ModelConfiguration Configuration => new()
    {
        Family = ModelFamily.Vit,
        ImageSize = 32,
        PatchSize = 8,
        NumClasses = 100,
        Preprocessing = Preprocessing.Half,
        Stages = [new StageConfiguration(16, [new BlockConfiguration(2, 8, 32), new BlockConfiguration(2, 8, 32)])],
    };

    private static IEnumerable<(int Fine, int Coarse, ReadOnlyMemory<byte> Planar)> Rows(Random random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            byte[] planar = new byte[Cifar100Binary.ImageBytes];
            random.NextBytes(planar);
            yield return (i % 10, i % 10, planar);   // several images of a class, so that some can be held out
        }
    }
}
