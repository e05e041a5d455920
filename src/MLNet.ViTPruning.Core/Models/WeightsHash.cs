using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models;

/// <summary>Tells one set of weights from another.</summary>
public static class WeightsHash
{
    /// <summary>The SHA-256 of all names, shapes and values in single precision, in the order of the names.</summary>
    /// <param name="model">The model, on any device; not changed.</param>
    /// <returns>64 hexadecimal digits.</returns>
    public static string Of(VisionModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var noGrad = no_grad();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, weight) in model.state_dict().OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}[{string.Join(",", weight.shape)}]"));
            var values = weight.detach().to(float32).cpu().contiguous();
            hash.AppendData(values.bytes);
            GC.KeepAlive(values);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
