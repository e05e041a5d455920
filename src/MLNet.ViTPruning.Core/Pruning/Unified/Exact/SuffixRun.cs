using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>One batch of images walking through the model once, while what follows each block is computed for one missing channel after the other.</summary>
internal sealed class SuffixRun
{
    private readonly VisionModel _model;
    private readonly Tensor _images;
    private readonly ForwardPass _pass;
    private readonly Tensor _expected;       // log q, [B, 1, classes]
    private readonly int _batchSize;
    private readonly Action<StackScores> _receive;
    private readonly CancellationToken _cancellationToken;
    private readonly SkippedStacks _skipped;
    private int _stack;

    public SuffixRun(VisionModel model, Tensor images, int batchSize, SkippedStacks skipped, Action<StackScores> receive, CancellationToken cancellationToken)
    {
        (_model, _images, _batchSize, _skipped, _receive, _cancellationToken) = (model, images, batchSize, skipped, receive, cancellationToken);
        _pass = model.Begin(images, null);
        _expected = PredictionDivergence.LogProbabilities(model.Forward(images, null)).unsqueeze(1);    // [B, 1, classes]
    }

    private long Images => _images.shape[0];

    /// <summary>Residual channels: the whole model with gains of which one is zero in each image's copy.</summary>
    public void ScoreResidual(IReadOnlyList<ChannelGroup> groups)
    {
        for (int g = 0; g < groups.Count; g++)
        {
            if (groups[g].Component != PruningComponent.Embed) continue;
            using var scope = NewDisposeScope();
            int stage = groups[g].Index;
            long width = _model.Configuration.Stages[stage].EmbedDim;
            // Behind an embedding with a norm of its own nothing is shared, so those images start from the pixels.
            bool shared = _model.Configuration.Family == ModelFamily.Vit;
            var start = shared ? _model.Enter(_images, _pass) : _images;
            Stack(groups[g], g, 0, Images, channels =>
            {
                long k = channels.shape[0];
                var gains = channels.unsqueeze(1).ne(arange(width, device: start.device)).to(start.dtype).repeat(Images, 1);    // [B * K, C]
                var residual = new Tensor?[stage + 1];
                residual[stage] = gains;
                var pass = _pass with { Gains = new ChannelGains { Residual = residual } };
                var x = start.repeat_interleave(k, 0);    // [B * K, ...]
                return _model.Finish(shared ? x : _model.Enter(x, pass), 0, pass);
            });
        }
    }

    /// <summary>Attention and MLP channels, block by block.</summary>
    public void ScoreBlocks(IReadOnlyList<ChannelGroup> groups)
    {
        int last = groups.Where(group => group.Component != PruningComponent.Embed).Select(group => group.Index).DefaultIfEmpty(-1).Max();
        var blocks = _model.BlockLayers;
        var x = _model.Enter(_images, _pass);    // [B, N, C]
        for (int i = 0; i <= last; i++)
        {
            using var scope = NewDisposeScope();
            x = _model.Approach(x, i, _pass);
            int? keep = i == blocks.Count - 1 ? _model.TokensRead : null;
            var trace = blocks[i].Trace(x, keep, _pass);
            for (int g = 0; g < groups.Count; g++)
                if (groups[g].Index == i && groups[g].Component != PruningComponent.Embed) ScoreGroup(blocks[i], trace, i, groups[g], g);
            x = trace.Output.MoveToOuterDisposeScope();
        }
    }

    private void ScoreGroup(TransformerBlock block, BlockTrace trace, int index, ChannelGroup group, int g)
    {
        // Where only few tokens are left more channels fit into a batch of the usual size.
        long rows = Images * trace.Output.shape[1] / _model.Configuration.TokensOf(StageOf(index));
        if (group.Component == PruningComponent.Mlp)
        {
            Stack(group, g, 0, rows, channels => _model.Finish(block.WithoutHiddenChannels(trace, channels), index + 1, _pass));
            return;
        }
        int headDim = _model.Configuration.Blocks.ElementAt(index).HeadDim;
        for (int first = 0; first < group.Channels.Count;)
        {
            int head = group.Channels[first] / headDim, count = group.Channels.Skip(first).TakeWhile(c => c / headDim == head).Count();
            var ofHead = group with { Channels = [.. group.Channels.Skip(first).Take(count).Select(c => c % headDim)] };
            Stack(ofHead, g, first, rows, channels => _model.Finish(block.WithoutAttentionChannels(trace, head, channels, _pass), index + 1, _pass));
            first += count;
        }
    }

    private int StageOf(int block)
    {
        int stage = 0;
        for (; block >= _model.Configuration.Stages[stage].Blocks.Count; stage++) block -= _model.Configuration.Stages[stage].Blocks.Count;
        return stage;
    }

    /// <summary>Computes channels in stacks that fill a batch.</summary>
    /// <param name="group">The channels.</param>
    /// <param name="g">Index of their group.</param>
    /// <param name="offset">Index within the group of the first channel.</param>
    /// <param name="rows">What one channel takes of a batch, in images.</param>
    /// <param name="logits">Logits <c>[B * K, classes]</c> for channels <c>[K]</c>.</param>
    private void Stack(ChannelGroup group, int g, int offset, long rows, Func<Tensor, Tensor> logits)
    {
        int size = (int)Math.Clamp(_batchSize / Math.Max(rows, 1), 1, group.Channels.Count);
        for (int first = 0; first < group.Channels.Count; first += size)
        {
            if (_stack++ < _skipped.Count)
            {
                _skipped.Pass(g, Math.Min(size, group.Channels.Count - first));
                continue;
            }
            _cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var channels = tensor(group.Channels.Skip(first).Take(size).Select(c => (long)c).ToArray(), device: _images.device);    // [K]
            long k = channels.shape[0];
            var actual = PredictionDivergence.LogProbabilities(logits(channels)).view(Images, k, -1);              // [B, K, classes]
            using var divergence = PredictionDivergence.Of(_expected, actual).cpu().data<double>();                // [B, K]
            var values = divergence.ToArray();
            _receive(new StackScores(g, offset + first, [.. values.Chunk((int)k)]));
        }
    }
}
