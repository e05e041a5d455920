using MLNet.ViTPruning.PatchSkipping.Runtime;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.PatchSkipping;

/// <summary>Logits, and what was skipped.</summary>
public sealed class SkipResult : IDisposable
{
    private SkipResult(Tensor logits, IReadOnlyList<ImageSkips> images) => (Logits, Images) = (logits, images);

    /// <summary>Logits <c>[B, numClasses]</c>; disposed with this result.</summary>
    public Tensor Logits { get; }

    /// <summary>What was skipped, image by image.</summary>
    public IReadOnlyList<ImageSkips> Images { get; }

    internal static SkipResult Of(Tensor logits, SkipRecord record, PatchSkipConfiguration configuration, SkipMacs macs, int blocks, int patches)
    {
        logits.DetachFromDisposeScope();
        int b = (int)logits.shape[0];
        if (configuration.Method == PatchSkipMethod.Merging)
        {
            var tokens = macs.TokensInMergingLayers();
            return new SkipResult(logits, [.. Enumerable.Range(0, b).Select(_ => new ImageSkips { Tokens = tokens, Skips = 0, ExecutedMacs = macs.Executed() })]);
        }
        return new SkipResult(logits, [.. Enumerable.Range(0, b).Select(Image)]);

        ImageSkips Image(int i)
        {
            int[] tokens = [.. record.Tokens.Select(layer => layer[i])];
            bool[][]? masks = record.HasMap ? [.. record.Masks.Select(layer => layer[(i * patches)..((i + 1) * patches)])] : null;
            return new ImageSkips
            {
                Tokens = tokens,
                Skips = tokens.Sum(count => patches + macs.Prefix - count),
                ReEntries = masks is null ? null : Enumerable.Range(1, Math.Max(0, masks.Length - 1)).Sum(l => ReEntries(masks, l)),
                KeepMap = masks is null ? null : Map(masks),
                Scores = record.HasScores && record.Scores.Count > 0 ? [.. record.Scores.SelectMany(layer => layer[(i * patches)..((i + 1) * patches)])] : null,
                ExecutedMacs = macs.Executed([.. tokens.Select(count => count - macs.Prefix)]),
            };
        }

        // Layers in between that do not skip compute every patch.
        int ReEntries(bool[][] masks, int l) => configuration.Layers[l].Layer > configuration.Layers[l - 1].Layer + 1
            ? masks[l - 1].Count(kept => !kept)
            : masks[l - 1].Zip(masks[l]).Count(patch => !patch.First && patch.Second);

        bool[] Map(bool[][] masks)
        {
            bool[] map = new bool[blocks * patches];
            Array.Fill(map, true);
            for (int l = 0; l < masks.Length; l++) masks[l].CopyTo(map, configuration.Layers[l].Layer * patches);
            return map;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Logits.Dispose();
}
