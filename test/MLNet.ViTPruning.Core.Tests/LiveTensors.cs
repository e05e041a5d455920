using TorchSharp;

namespace MLNet.ViTPruning.Tests;

/// <summary>Counts living tensors. What earlier tests left to the finaliser is collected first, so that it does not vanish during a test.</summary>
internal static class LiveTensors
{
    /// <summary>The number of tensors that someone still holds; compare <c>Tensor.TotalCount</c> with it after the work under test.</summary>
    public static long AfterCollection()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return torch.Tensor.TotalCount;
    }
}
