namespace MLNet.ViTPruning.Checkpoints.Pickle;

/// <summary>What a pickle may contain: a table of the globals it may name, each with the managed function that stands for it.</summary>
/// <remarks>Whatever is not in the table is refused by name. Python's own classes and functions are never looked up, so nothing can be
/// run.</remarks>
internal sealed class PickleAllowance
{
    private readonly Dictionary<(string Module, string Name), PickleGlobal> _globals = [];

    private PickleAllowance(string purpose, IEnumerable<PickleGlobal> globals)
    {
        Purpose = purpose;
        foreach (var global in globals) _globals.Add((global.Module, global.Name), global);
    }

    /// <summary>Tensors' names and layouts in PyTorch's zip checkpoints; the elements stand in other zip entries.</summary>
    public static PickleAllowance TensorStateDict { get; } = new("a tensor state dict", TorchGlobals.All) { HasPersistentIds = true };

    /// <summary>Plain containers, texts, numbers and numpy arrays: CIFAR's python version.</summary>
    public static PickleAllowance NumpyArrays { get; } = new("plain data with numpy arrays", NumpyGlobals.All);

    /// <summary>What this allowance is for, as a message says it.</summary>
    public string Purpose { get; }

    /// <summary>Whether persistent ids (torch's storages) may occur.</summary>
    public bool HasPersistentIds { get; private init; }

    /// <exception cref="InvalidDataException">The global is not in the table.</exception>
    public PickleGlobal Find(string module, string name) => _globals.TryGetValue((module, name), out var global)
        ? global
        : throw new InvalidDataException($"The pickle asks for '{PickleText.Shorten(module)}.{PickleText.Shorten(name)}', which {Purpose} does not need: refused, nothing was run.");
}
