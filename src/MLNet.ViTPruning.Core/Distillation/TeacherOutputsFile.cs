using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Checkpoints.Bytes;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Distillation;

/// <summary>What a teacher said of a training's images, in their stored order, as a safetensors file: <c>outputs [n, W]</c> of the first n.</summary>
/// <param name="path">The file, which may not exist yet.</param>
/// <param name="key">Teacher, images and number format that it belongs to.</param>
internal sealed class TeacherOutputsFile(string path, string key)
{
    /// <summary>The file's name in a training's folder.</summary>
    public const string Name = "teacher.safetensors";

    private const string Outputs = "outputs", Key = "of";

    /// <summary>Puts into a memory what the file holds.</summary>
    /// <param name="memory">The memory, empty.</param>
    /// <param name="images">Images of the training.</param>
    /// <exception cref="InvalidOperationException">The file belongs to another teacher or to other images.</exception>
    /// <exception cref="InvalidDataException">The file is broken.</exception>
    public void ReadInto(TeacherMemory memory, int images)
    {
        AtomicFile.RemoveLeftovers(path);
        if (!File.Exists(path)) return;
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault(Key) is { } found && found != key)
            throw new InvalidOperationException($"'{path}' holds the outputs of another teacher, or for other images: '{found}', not '{key}'. Delete it or name another file.");
        if (!file.Entries.ContainsKey(Outputs) || !file.Metadata.ContainsKey(Key) || file.ShapeOf(Outputs) is not [var n, var width] || n > images || width != memory.Width)
            throw new InvalidDataException($"'{path}' does not hold a teacher's outputs [at most {images}, {memory.Width}]. Delete it or name another file.");
        using var outputs = file.ReadTensor(Outputs, ScalarType.Float32);
        memory.Keep([.. Enumerable.Range(0, (int)n)], outputs);
    }

    /// <summary>Replaces the file.</summary>
    /// <param name="memory">What is known of the first images.</param>
    /// <exception cref="IOException">The file cannot be written; the one before is intact.</exception>
    public void Write(TeacherMemory memory)
    {
        using var outputs = memory.First();
        SafetensorsWriter.Write(path, [(Outputs, outputs)], new Dictionary<string, string> { [Key] = key });
    }
}
