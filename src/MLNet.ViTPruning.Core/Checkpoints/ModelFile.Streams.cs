using MLNet.ViTPruning.Checkpoints.Bytes;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Checkpoints;

// Streams that cannot seek, as in ML.NET's zip: one tensor at a time, straight into the model's memory.
public static partial class ModelFile
{
    /// <summary>Writes a model in safetensors form, forwards only, one tensor at a time.</summary>
    /// <param name="model">The model, on any device; not changed.</param>
    /// <param name="stream">The stream; neither flushed nor closed.</param>
    /// <param name="dtype">Type of the weights, or null for fp32, with matrices of exact fp16 or bfloat16 numbers as such.</param>
    /// <param name="extraMetadata">Further texts to keep with the weights, such as <c>plan</c>, or null.</param>
    /// <exception cref="ArgumentException">The type is no floating-point type, or a further text has a reserved name.</exception>
    public static void Write(VisionModel model, Stream stream, ScalarType? dtype = null,
        IReadOnlyDictionary<string, string>? extraMetadata = null) => WriteWhole(model, stream, dtype, extraMetadata, null);

    /// <summary>Writes a model and what stands beside it.</summary>
    internal static void WriteWhole(VisionModel model, Stream stream, ScalarType? dtype, IReadOnlyDictionary<string, string>? extraMetadata, ModelPart? beside)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(stream);
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(stream, PlanOf(model, dtype, beside), MetadataOf(model, extraMetadata, beside));
    }

    /// <summary>Reads what <see cref="Write"/> wrote, forwards only and no byte further.</summary>
    /// <param name="stream">The stream; not closed.</param>
    /// <returns>A model in evaluation mode with fp32 weights on the CPU, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">The bytes are broken or end too early, or the tensors do not fit the
    /// configuration.</exception>
    public static VisionModel Read(Stream stream) => Read(stream, out _);

    /// <summary>Reads what <see cref="Write"/> wrote, forwards only and no byte further.</summary>
    /// <param name="stream">The stream; not closed.</param>
    /// <param name="metadata">All texts that were written with the weights.</param>
    /// <returns>A model in evaluation mode with fp32 weights on the CPU, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">The bytes are broken or end too early, or the tensors do not fit the
    /// configuration.</exception>
    public static VisionModel Read(Stream stream, out IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ReadWhole(stream, static (model, texts) =>
        {
            if (!texts.ContainsKey(PatchSkippingKey)) return model;
            model.Dispose();
            RefuseSkipping(texts);
            return model;
        }, static model => model.state_dict(), out metadata);
    }

    /// <summary>Reads a model and what stands beside it.</summary>
    /// <param name="stream">The stream; not closed.</param>
    /// <param name="make">Makes the whole of an empty model, which it then owns, and the texts; disposes the model where it throws.</param>
    /// <param name="state">The tensors to fill, by their names in the stream.</param>
    /// <param name="metadata">All texts.</param>
    internal static T ReadWhole<T>(Stream stream, Func<VisionModel, IReadOnlyDictionary<string, string>, T> make, Func<T, Dictionary<string, Tensor>> state,
        out IReadOnlyDictionary<string, string> metadata) where T : nn.Module
    {
        try
        {
            var header = ReadHeader(stream);
            metadata = header.Metadata;
            if (!header.Metadata.TryGetValue(ConfigurationKey, out string? json))
                throw new InvalidDataException("The stream holds no model: its metadata has no configuration.");
            var configuration = ModelConfiguration.FromJson(json);
            ModelSize.Check(configuration, header.Entries.Values.Sum(e => e.Length / ElementTypes.Of(e.DType).Size));
            var model = VisionModel.CreateFilled(configuration, static _ => { });
            var whole = make(model, metadata);
            try
            {
                Fill(model, state(whole), header, stream);
                return whole;
            }
            catch
            {
                whole.Dispose();
                throw;
            }
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("Not a valid safetensors stream: it is truncated.", e);
        }
    }

    private static SafetensorsHeader ReadHeader(Stream stream)
    {
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        int length = SafetensorsHeader.ReadLength(prefix, null);
        using var json = new MemoryStream(); // grows with what arrives, not with what is claimed
        byte[] buffer = new byte[Math.Min(length, 1 << 16)];
        while (json.Length < length)
        {
            int count = (int)Math.Min(buffer.Length, length - json.Length);
            stream.ReadExactly(buffer, 0, count);
            json.Write(buffer, 0, count);
        }
        return SafetensorsHeader.Parse(json.GetBuffer().AsSpan(0, length), null);
    }

    private static void Fill(VisionModel model, Dictionary<string, Tensor> state, SafetensorsHeader header, Stream stream)
    {
        using var noGrad = no_grad();
        using var whole = NewDisposeScope();
        var masks = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var given = header.Entries.Where(e => !MaskTensors.Is(e.Key)).ToDictionary(e => e.Key, e => e.Value.Shape, StringComparer.Ordinal);
        var expected = state.ToDictionary(s => s.Key, s => s.Value.shape, StringComparer.Ordinal);
        StateDictFaults.ThrowIfAny([.. StateDictFaults.Compare(expected, given, _ => false)], "the stream's own configuration");
        foreach (var entry in header.Entries.Values.OrderBy(e => e.Offset))
        {
            if (entry.Length == 0) continue;
            if (entry.Length > int.MaxValue)
                throw new InvalidDataException($"'{entry.Name}' has {entry.Length} bytes; tensors of 2 GiB and more are not supported.");
            if (MaskTensors.Is(entry.Name))
            {
                masks.Add(MaskTensors.NameOf(entry.Name), MaskTensors.Read(entry.Name, state, entry.DType, entry.Shape, stream.ReadExactly));
                continue;
            }
            using var scope = NewDisposeScope();
            var parameter = state[entry.Name];
            var target = entry.DType == parameter.dtype && parameter.is_contiguous()
                ? parameter
                : empty([.. entry.Shape], entry.DType, CPU);
            var memory = target.bytes;
            stream.ReadExactly(memory);
            TensorBytes.Finish(memory, ElementTypes.Of(entry.DType), entry.Name, swap: false);
            if (!ReferenceEquals(target, parameter)) parameter.copy_(target);
            GC.KeepAlive(target);
        }
        model.SetWeightMasks(masks);
    }
}
