using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>The images that channels are scored on. They can be read more than once.</summary>
public interface IProxyImages
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>Tells these images from others, so that saved scores are reused only for the same ones.</summary>
    string Fingerprint { get; }

    /// <summary>Reads images, always in the same order.</summary>
    /// <param name="count">How many; fewer than all are those that were drawn first.</param>
    /// <param name="batchSize">Images of a batch; the last may have fewer.</param>
    /// <returns>The batches; each one's images are the receiver's to dispose.</returns>
    IEnumerable<ProxyBatch> Read(int count, int batchSize);
}

/// <summary>A batch of images.</summary>
/// <param name="Images">Normalised images <c>[B, 3, H, W]</c> on the model's device.</param>
/// <param name="Labels">The class of each, -1 where it is not one of the model's; null without labels.</param>
public sealed record ProxyBatch(Tensor Images, IReadOnlyList<int>? Labels);

/// <summary>Proxy images that are at hand as one tensor.</summary>
/// <param name="images">Normalised images <c>[B, 3, H, W]</c>; not disposed.</param>
/// <param name="labels">The class of each, or null.</param>
public sealed class ProxyTensor(Tensor images, IReadOnlyList<int>? labels = null) : IProxyImages
{
    /// <inheritdoc/>
    public int Count => (int)images.shape[0];

    /// <inheritdoc/>
    public string Fingerprint
    {
        get
        {
            using var scope = NewDisposeScope();
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var values = images.detach().cpu().contiguous();
            hash.AppendData(values.bytes);
            if (labels is not null) hash.AppendData(Encoding.UTF8.GetBytes(string.Join(' ', labels)));
            GC.KeepAlive(values);
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    private Tensor Part(int first, int size)
    {
        using var part = images.narrow(0, first, size);    // [size, 3, H, W]
        return part.clone();
    }

    /// <inheritdoc/>
    public IEnumerable<ProxyBatch> Read(int count, int batchSize)
    {
        for (int first = 0; first < Math.Min(count, Count); first += batchSize)
        {
            int size = Math.Min(batchSize, Math.Min(count, Count) - first);
            yield return new ProxyBatch(Part(first, size), labels?.Skip(first).Take(size).ToArray());
        }
    }
}
