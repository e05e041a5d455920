using static TorchSharp.torch;

namespace MLNet.ViTPruning.Models.Layers;

/// <summary>What all layers of one forward pass need to know; asked for once, at its start.</summary>
/// <param name="Cached">Nothing is differentiated and the model is in evaluation mode: derived tensors may be reused and
/// activations overwritten in place.</param>
/// <param name="LowPrecision">Linear layers and attention products run in bfloat16.</param>
/// <param name="MayChoose">Kernels may be chosen by measurement.</param>
/// <param name="Threads">Threads of the computation.</param>
/// <param name="Version">The state of the weights; a derived tensor of an older one is computed anew.</param>
/// <param name="Gains">Factors of the channels, or null.</param>
/// <param name="Branches">Stochastic depth: factors of the branches, attention and MLP of each block in turn, <c>[2 * blocks, B, 1, 1]</c>, or null.</param>
internal sealed record ForwardPass(bool Cached, bool LowPrecision, bool MayChoose, int Threads, long Version, ChannelGains? Gains, Tensor? Branches = null);
