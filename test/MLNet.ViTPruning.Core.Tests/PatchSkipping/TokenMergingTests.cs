using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.PatchSkipping;

[TestClass]
public sealed class TokenMergingTests
{
    [TestMethod]
    [DataRow(17, 1, 5)]
    [DataRow(18, 2, 4)]
    [DataRow(9, 1, 4)]
    [DataRow(4, 2, 1)]
    [DataRow(5, 0, 3)]
    public void Merge_JoinsTheMostSimilarPairs_AsPlainLoopsDo(int n, int prefix, int r)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        const int batch = 3;
        var x = randn([batch, n, 6], dtype: ScalarType.Float64, generator: generator);
        var metric = randn([batch, n, 4], dtype: ScalarType.Float64, generator: generator);
        var sizes = randint(1, 5, [batch, n, 1], generator: generator).to(ScalarType.Float64);
        Assert.IsLessThanOrEqualTo(TokenMerging.Most(n, prefix), (long)r);
        var (tokens, merged) = TokenMerging.Merge(x, sizes, metric, r, prefix);
        for (int b = 0; b < batch; b++)
        {
            double[][] values = Rows(x[b]), keys = Rows(metric[b]);
            double[] size = [.. Rows(sizes[b]).Select(row => row[0])];
            var sums = values.Select((row, i) => row.Select(v => v * size[i]).ToArray()).ToArray();
            var count = size.ToArray();
            double Similarity(int i, int j) => keys[i].Zip(keys[j], (a, c) => a * c).Sum() / Math.Sqrt(keys[i].Sum(v => v * v) * keys[j].Sum(v => v * v));
            int[] first = [.. Enumerable.Range(prefix, n - prefix).Where(i => i % 2 == 0)], second = [.. Enumerable.Range(prefix, n - prefix).Where(i => i % 2 == 1)];
            var pairs = first.Select(i => (From: i, Into: second.MaxBy(j => Similarity(i, j)))).OrderByDescending(p => Similarity(p.From, p.Into)).Take(r).ToList();
            foreach (var (from, into) in pairs)
            {
                for (int c = 0; c < 6; c++) sums[into][c] += sums[from][c];
                count[into] += count[from];
            }
            int[] left = [.. Enumerable.Range(0, n).Except(pairs.Select(p => p.From))];
            var (actual, actualSizes) = (Rows(tokens[b]), Rows(merged[b]));
            Assert.HasCount(n - r, actual);
            for (int i = 0; i < left.Length; i++)
            {
                Assert.AreEqual(count[left[i]], actualSizes[i][0], 1e-12);
                for (int c = 0; c < 6; c++) Assert.AreEqual(sums[left[i]][c] / count[left[i]], actual[i][c], 1e-12);
            }
            for (int p = 0; p < prefix; p++) CollectionAssert.AreEqual(values[p], actual[p].Select(v => v).ToArray(), Comparer);
            Assert.AreEqual(size.Sum(), actualSizes.Sum(row => row[0]), 1e-12);
        }
    }

    [TestMethod]
    [DataRow(1, 1, 0)]
    [DataRow(2, 1, 0)]
    [DataRow(3, 1, 1)]
    [DataRow(197, 1, 98)]
    [DataRow(198, 2, 98)]
    [DataRow(2, 2, 0)]
    public void Most_IsTheUnprotectedPartOfTheFirstSet(int tokens, int prefix, int most) => Assert.AreEqual(most, TokenMerging.Most(tokens, prefix));

    [TestMethod]
    public void Forward_MergingNothing_EqualsTheDenseModel_AndOfEqualTokensChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = SkipModels.Create("vit", SkipModels.Skipping("vit", PatchSkipMethod.Merging));
        var images = SkipModels.Images(3);
        var merged = model.forward(images);
        var dense = model.Backbone.forward(images);
        Assert.IsGreaterThan(1e-3, (merged - dense).abs().max().item<double>());
        model.Configuration = model.Configuration with { Layers = [.. model.Configuration.Layers.Select(l => l with { TokensMerged = 0 })] };
        SkipModels.AreClose(dense, model.forward(images), 1e-9);

        // Without positions and on an image of one colour all patches are equal: merged ones weigh in attention what they weighed apart.
        foreach (var (name, parameter) in model.Backbone.named_parameters())
            if (name == "pos_embed") parameter.zero_();
        model.Backbone.WeightsChanged();
        model.Configuration = SkipModels.Skipping("vit", PatchSkipMethod.Merging);
        var plain = ones_like(images) * 0.3;
        SkipModels.AreClose(model.Backbone.forward(plain), model.forward(plain), 1e-9);
    }

    private static readonly System.Collections.IComparer Comparer = System.Collections.Generic.Comparer<double>.Create((a, b) => Math.Abs(a - b) < 1e-12 ? 0 : 1);

    private static double[][] Rows(Tensor matrix) => [.. SkipModels.Values(matrix).Chunk((int)matrix.shape[1])];
}
