using MLNet.ViTPruning.Checkpoints.Pickle;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Finds the tensors in a checkpoint's value: training scripts wrap them in different ways.</summary>
internal static class StateDict
{
    private const int MaxDepth = 3;

    /// <summary>The keys under which training scripts keep the state dict, the first that is there counts:
    /// DeiT, Swin, MAE (<c>model</c>), timm and Lightning (<c>state_dict</c>), PyTorch's tutorials, FAIR's SSL code
    /// (<c>module</c>).</summary>
    private static readonly string[] Wrappers = ["model", "state_dict", "model_state_dict", "module"];

    /// <summary>Prefixes that wrappers of modules put before every name: data parallel training and <c>torch.compile</c>.</summary>
    private static readonly string[] Prefixes = ["module.", "_orig_mod."];

    /// <exception cref="InvalidDataException">There is no state dict, or a value in it is no tensor.</exception>
    public static Dictionary<string, TorchTensor> Unwrap(object? value)
    {
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            if (value is not PickleDict dict) break;
            string? wrapper = Array.Find(Wrappers, w => dict.TryGet<PickleDict>(w, out _));
            if (wrapper is null) return Strip(Tensors(dict));
            dict.TryGet(wrapper, out value);
        }
        throw new InvalidDataException($"The checkpoint holds no state dict: expected a dict of tensors, or one under {string.Join(", ", Wrappers.Select(w => $"'{w}'"))}.");
    }

    private static Dictionary<string, TorchTensor> Tensors(PickleDict dict)
    {
        var tensors = new Dictionary<string, TorchTensor>(StringComparer.Ordinal);
        foreach (var (key, value) in dict.Items)
        {
            if (key is not string name) throw new InvalidDataException("The checkpoint's state dict has a name that is no text.");
            tensors.Add(name,
                value as TorchTensor ?? throw new InvalidDataException($"The checkpoint's state dict has '{PickleText.Shorten(name)}', which is no tensor."));
        }
        return tensors.Count > 0 ? tensors : throw new InvalidDataException("The checkpoint's state dict is empty.");
    }

    private static Dictionary<string, TorchTensor> Strip(Dictionary<string, TorchTensor> tensors)
    {
        foreach (string prefix in Prefixes)
        {
            if (tensors.Keys.All(name => name.StartsWith(prefix, StringComparison.Ordinal) && name.Length > prefix.Length))
                tensors = tensors.ToDictionary(t => t.Key[prefix.Length..], t => t.Value, StringComparer.Ordinal);
        }
        return tensors;
    }
}
