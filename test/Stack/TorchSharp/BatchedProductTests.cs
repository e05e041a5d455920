using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Stack;

/// <summary>Products of batches of matrices, in every layout that views give them, beside three loops.</summary>
[TestClass]
public sealed class BatchedProductTests
{
    // Three matrices, as heads of one image: two threads share the rows of the middle one.
    private const long Batch = 3, Rows = 41, Inner = 38, Columns = 43;

    // Each makes [batch, rows, columns] out of fresh numbers.
    private static readonly Dictionary<string, Func<Func<long[], Tensor>, long, long, Tensor>> Layouts = new()
    {
        ["contiguous"] = (fresh, rows, columns) => fresh([Batch, rows, columns]),
        ["transposed"] = (fresh, rows, columns) => fresh([Batch, columns, rows]).transpose(1, 2),
        ["part of the columns"] = (fresh, rows, columns) => fresh([Batch, rows, columns + 3]).narrow(2, 2, columns),
        ["part of the rows, transposed"] = (fresh, rows, columns) => fresh([Batch, columns + 2, rows]).narrow(1, 1, columns).transpose(1, 2),
        ["every second column"] = (fresh, rows, columns) => fresh([Batch, rows, columns, 2]).select(3, 1),
        ["batch inside"] = (fresh, rows, columns) => fresh([rows, Batch, columns]).transpose(0, 1),
        ["batch last"] = (fresh, rows, columns) => fresh([rows, columns, Batch]).permute(2, 0, 1),
        ["one for all"] = (fresh, rows, columns) => fresh([1, rows, columns]).expand(Batch, rows, columns),
    };

    private static double[] Values(Tensor x) => x.detach().to(float64).contiguous().data<double>().ToArray();

    private static double[] Loops(Tensor a, Tensor b)
    {
        long batch = a.shape[0], rows = a.shape[1], inner = a.shape[2], columns = b.shape[2];
        double[] first = Values(a), second = Values(b), result = new double[batch * rows * columns];
        for (long i = 0; i < batch; i++)
            for (long r = 0; r < rows; r++)
                for (long c = 0; c < columns; c++)
                    for (long k = 0; k < inner; k++)
                        result[(i * rows + r) * columns + c] += first[(i * rows + r) * inner + k] * second[(i * inner + k) * columns + c];
        return result;
    }

    private static void AreClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.AreEqual(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], tolerance, $"element {i}");
    }

    [TestMethod]
    [DataRow(ScalarType.Float32, 1e-5)]
    [DataRow(ScalarType.Float64, 1e-12)]
    [DataRow(ScalarType.BFloat16, 0.25)]
    [DataRow(ScalarType.Int64, 0.0)]
    public void AnyLayouts_GiveWhatLoopsGive(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor Fresh(long[] shape) => type == ScalarType.Int64 ? randint(-9, 9, shape, type, generator: generator) : randn(shape, generator: generator).to(type);
        foreach (var (left, makeLeft) in Layouts)
            foreach (var (right, makeRight) in Layouts)
            {
                Tensor a = makeLeft(Fresh, Rows, Inner), b = makeRight(Fresh, Inner, Columns), product = a.bmm(b);
                CollectionAssert.AreEqual(new[] { Batch, Rows, Columns }, product.shape, $"{left} x {right}");
                Assert.AreEqual(type, product.dtype);
                AreClose(Loops(a, b), Values(product), tolerance);
            }
    }

    [TestMethod]
    [DataRow(1, 3, 4, 5)]
    [DataRow(4, 1, 1, 1)]
    [DataRow(4, 1, 300, 1)]
    [DataRow(4, 300, 1, 2)]
    [DataRow(300, 16, 32, 16)]
    [DataRow(3, 2, 500, 300)]
    [DataRow(2, 1, 500, 900)]
    [DataRow(5, 101, 40, 50)]
    [DataRow(0, 3, 4, 5)]
    [DataRow(3, 0, 4, 5)]
    [DataRow(3, 4, 0, 5)]
    public void AnySizes_GiveWhatLoopsGive(long batch, long rows, long inner, long columns)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor a = randn([batch, rows, inner], float64, generator: generator), b = randn([batch, inner, columns], float64, generator: generator);
        CollectionAssert.AreEqual(new[] { batch, rows, columns }, a.bmm(b).shape);
        AreClose(Loops(a, b), Values(a.bmm(b)), 1e-11);
    }

    [TestMethod]
    public void Gradients_AreProductsToo()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor a = randn([Batch, Rows, Inner], float64, generator: generator).requires_grad_(), b = randn([Batch, Inner, Columns], float64, generator: generator).requires_grad_();
        var towards = randn([Batch, Rows, Columns], float64, generator: generator);
        (a.bmm(b) * towards).sum().backward();
        AreClose(Loops(towards, b.transpose(1, 2)), Values(a.grad!), 1e-11);
        AreClose(Loops(a.transpose(1, 2), towards), Values(b.grad!), 1e-11);
    }

    [TestMethod]
    public void SeveralCallersAtOnce_GetTheirOwnResults()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor a = randn([64, 17, 32], generator: generator), b = randn([64, 32, 19], generator: generator);
        var alone = a.bmm(b).data<float>().ToArray();
        Parallel.For(0, 16, _ =>
        {
            using var product = a.bmm(b);
            CollectionAssert.AreEqual(alone, product.data<float>().ToArray());
        });
    }

    [TestMethod]
    public void WrongSizesAndTypes_AreRefused()
    {
        using var scope = NewDisposeScope();
        Assert.ThrowsExactly<System.Runtime.InteropServices.ExternalException>(() => zeros(2, 3, 4).bmm(zeros(2, 5, 6)));
        Assert.ThrowsExactly<System.Runtime.InteropServices.ExternalException>(() => zeros(2, 3, 4).bmm(zeros(3, 4, 5)));
        Assert.ThrowsExactly<System.Runtime.InteropServices.ExternalException>(() => zeros(2, 3, 4).bmm(zeros([2, 4, 5], float64)));
    }
}
