using System.Security.Cryptography;
using System.Text;
using MLNet.ViTPruning.Models;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Training;

/// <summary>A short hash of a model's weights and their names.</summary>
internal static class WeightHash
{
    /// <summary>SHA-256 over names and values, its first 16 hexadecimal digits.</summary>
    /// <param name="model">The model.</param>
    public static string Of(VisionModel model)
    {
        using var noGrad = no_grad();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, parameter) in model.named_parameters())
        {
            using var scope = NewDisposeScope();
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(parameter.detach().cpu().contiguous().bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
