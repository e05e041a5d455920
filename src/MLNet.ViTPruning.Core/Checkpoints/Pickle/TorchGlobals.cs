namespace MLNet.ViTPruning.Checkpoints.Pickle;

/// <summary>A storage that a pickle refers to by a persistent id.</summary>
/// <param name="Key">Name of its entry under <c>data/</c>.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Count">How many elements the pickle says it has.</param>
internal sealed record TorchStorage(string Key, ElementType Type, long Count);

/// <summary>A tensor as a pickle describes it: a window on a storage. Nothing is checked yet.</summary>
/// <param name="Storage">The storage.</param>
/// <param name="Offset">First element's index in it.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="Strides">Steps in elements, one per dimension.</param>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, IReadOnlyList<long> Shape, IReadOnlyList<long> Strides);

/// <summary>The globals of a tensor state dict and what stands for each.</summary>
internal static class TorchGlobals
{
    public static IEnumerable<PickleGlobal> All =>
    [
        new("collections", "OrderedDict",
            (args, _) => args.Count == 0 ? new PickleDict() : throw Bad("collections.OrderedDict", "is given items in an unknown form")),
        new("torch._utils", "_rebuild_tensor_v2", (args, _) => RebuildTensor(args)),
        new("torch._utils", "_rebuild_parameter",
            (args, _) => args is { Count: 3, Items: [TorchTensor tensor, ..] } ? tensor : throw Bad("torch._utils._rebuild_parameter", "is given no tensor")),
        new("torch", "Size",
            (args, _) => args is { Count: 1, Items: [PickleTuple sizes] } ? sizes : throw Bad("torch.Size", "is given no tuple")),
        .. ElementTypes.Table.Select(type => new PickleGlobal("torch", type.TorchStorage, Build: null)),
    ];

    /// <summary>Resolves <c>('storage', torch.XStorage, key, location, count)</c>.</summary>
    public static TorchStorage Storage(object? id)
    {
        if (id is not PickleTuple { Count: 5, Items: ["storage", PickleGlobal { Module: "torch" } kind, string key, string, long count] })
            throw Bad("a persistent id", "is not ('storage', type, key, location, count)");
        var type = ElementTypes.Table.FirstOrDefault(t => t.TorchStorage == kind.Name)
            ?? throw Bad("a persistent id", $"names '{kind}', which is no storage type");
        return count >= 0 ? new TorchStorage(key, type, count) : throw Bad("a storage", $"has {count} elements");
    }

    private static TorchTensor RebuildTensor(PickleTuple args)
    {
        // (storage, offset, size, stride, requires_grad, backward_hooks[, metadata])
        if (args is not { Count: 6 or 7, Items: [TorchStorage storage, long offset, PickleTuple size, PickleTuple stride, ..] })
            throw Bad("torch._utils._rebuild_tensor_v2", "is given unknown arguments");
        if (size.Count > ShapeMath.MaxDimensions)
            throw Bad("a tensor", $"has {size.Count} dimensions; at most {ShapeMath.MaxDimensions} are possible");
        if (size.Count != stride.Count) throw Bad("a tensor", $"has {size.Count} dimensions and {stride.Count} strides");
        return new TorchTensor(storage, offset, Numbers(size), Numbers(stride));
    }

    private static long[] Numbers(PickleTuple tuple) =>
        Array.ConvertAll(tuple.Items, item => item is long n and >= 0 ? n : throw Bad("a tensor", "has a size or stride that is no whole number from 0 to 2^63 - 1"));

    private static InvalidDataException Bad(string what, string why) => new($"Not a valid PyTorch checkpoint: {what} {why}.");
}
