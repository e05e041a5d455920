using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>Makes parameters without values: nothing here draws from a random generator.</summary>
internal static class Weights
{
    /// <summary>An uninitialised parameter in single precision that outlives the scope it was made in.</summary>
    /// <param name="shape">Its shape.</param>
    public static Parameter Empty(params long[] shape)
    {
        var parameter = new Parameter(empty(shape, ScalarType.Float32));
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
