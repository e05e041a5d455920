using System.Text;
using System.Text.Json;
using MLNet.ViTPruning.Checkpoints.Bytes;
using MLNet.ViTPruning.Checkpoints.Pickle;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Writes PyTorch zip checkpoints that Python's <c>torch.load</c> reads as an OrderedDict of tensors, <c>weights_only=True</c>
/// included.</summary>
public static class TorchCheckpointWriter
{
    private const string Root = "archive/";

    /// <summary>Writes a file. It appears under its name only when it is complete and on the disk; after a fault the old one is
    /// untouched.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">Names and tensors of any device and layout, in the order in which Python shall see them; not disposed.</param>
    /// <param name="metadata">Texts for an entry that Python ignores, or null.</param>
    /// <param name="dtype">The type that floating-point tensors are converted to, or null to keep theirs.</param>
    /// <exception cref="ArgumentException">A name is empty or occurs twice, or a type cannot be written.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null, ScalarType? dtype = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var planned = TensorPlan.Of(tensors, dtype);
        AtomicFile.Write(path, stream => Write(stream, planned, metadata));
    }

    internal static void Write(Stream stream, List<TensorPlan> planned, IReadOnlyDictionary<string, string>? metadata)
    {
        var zip = new StoredZipWriter(stream);
        zip.Add(Root + "data.pkl", Pickle(planned));
        zip.Add(Root + "byteorder", "little"u8);
        for (int i = 0; i < planned.Count; i++)
        {
            string name = $"{Root}data/{i}";
            TensorBytes.Use(planned[i].Tensor, planned[i].Type.Type, bytes => zip.Add(name, bytes));
        }
        zip.Add(Root + "version", "3\n"u8);
        if (metadata is { Count: > 0 })
        {
            var sorted = new SortedDictionary<string, string>(metadata.ToDictionary(), StringComparer.Ordinal);
            zip.Add(Root + TorchCheckpoint.MetadataEntry, JsonSerializer.SerializeToUtf8Bytes(sorted));
        }
        zip.Finish();
    }

    private static byte[] Pickle(List<TensorPlan> planned)
    {
        var pickle = new PickleWriter().OrderedDict().Op(PickleOpcode.Mark);
        for (int i = 0; i < planned.Count; i++)
        {
            var (name, tensor, type) = planned[i];
            pickle.Text(name).Global("torch._utils", "_rebuild_tensor_v2").Op(PickleOpcode.Mark)
                .Op(PickleOpcode.Mark).Text("storage").Global("torch", type.TorchStorage).Text($"{i}").Text("cpu")
                .Number(tensor.NumberOfElements).Op(PickleOpcode.Tuple)
                .Op(PickleOpcode.BinPersId)
                .Number(0).Numbers(tensor.shape).Numbers(ShapeMath.ContiguousStrides(tensor.shape)) // offset, size, stride
                .Op(PickleOpcode.NewFalse).OrderedDict() // requires_grad, backward_hooks
                .Op(PickleOpcode.Tuple).Op(PickleOpcode.Reduce);
        }
        return pickle.Op(PickleOpcode.SetItems).Finish();
    }
}
