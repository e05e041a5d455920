using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Tests.Stack;

[TestClass]
public sealed class IndexingTests
{
    private static Tensor Grid() => arange(24).view(2, 3, 4);

    private static void Holds(Tensor t, long[] shape, params long[] values)
    {
        CollectionAssert.AreEqual(shape, t.shape);
        CollectionAssert.AreEqual(values, t.data<long>().ToArray());
    }

    [TestMethod] public void Numbers_DropDimensions() => Holds(Grid()[1, 2], [4], 20, 21, 22, 23);
    [TestMethod] public void NegativeNumbers_CountFromTheEnd() => Holds(Grid()[-1, -1, -1], [], 23);

    [TestMethod]
    public void Slices_KeepDimensions() =>
        Holds(Grid()[TensorIndex.Colon, TensorIndex.Slice(0, 2), TensorIndex.Slice(1, 4, 2)], [2, 2, 2], 1, 3, 5, 7, 13, 15, 17, 19);

    [TestMethod] public void Ellipsis_FillsUp() => Holds(Grid()[TensorIndex.Ellipsis, TensorIndex.Single(0)], [2, 3], 0, 4, 8, 12, 16, 20);
    [TestMethod] public void Null_AddsADimension() => Holds(Grid()[TensorIndex.Single(0), TensorIndex.Null, TensorIndex.Single(1)], [1, 4], 4, 5, 6, 7);
    [TestMethod] public void Ranges_AreSlices() => Holds(Grid()[0, 1][1..3], [2], 5, 6);

    [TestMethod]
    public void Tensors_PickRows() =>
        Holds(Grid()[TensorIndex.Colon, TensorIndex.Tensor(tensor(new long[] { 2, 0 })), TensorIndex.Single(0)], [2, 2], 8, 0, 20, 12);

    [TestMethod]
    public void Masks_PickElements()
    {
        using var scope = NewDisposeScope();
        var x = Grid();
        Holds(x[x > 20], [3], 21, 22, 23);
        Holds(x.masked_select(x < 2), [2], 0, 1);
    }

    [TestMethod]
    public void Assignments_WriteInPlace()
    {
        using var scope = NewDisposeScope();
        var x = zeros([2, 3], int64);
        x[0, 1] = 7L;
        x[TensorIndex.Colon, TensorIndex.Single(2)] = tensor(new long[] { 8, 9 });
        x[x == 0] = -1L;
        Holds(x, [2, 3], -1, 7, 8, -1, -1, 9);
    }

    [TestMethod]
    public void Views_ShareMemory_ClonesDoNot()
    {
        using var scope = NewDisposeScope();
        var x = zeros(4, int64);
        x.view(2, 2)[1].fill_(5);
        x.clone().fill_(9);
        Holds(x, [4], 0, 0, 5, 5);
    }

    [TestMethod]
    public void Accessors_FollowStrides()
    {
        using var scope = NewDisposeScope();
        var x = Grid()[0].t();
        CollectionAssert.AreEqual(new long[] { 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11 }, x.data<long>().ToArray());
        Assert.AreEqual(9, x.data<long>()[1, 2]);
    }

    [TestMethod]
    public void Roll_Flip_Permute_ChunkAndCat_AreWhatTheySay()
    {
        using var scope = NewDisposeScope();
        var x = arange(6).view(2, 3);
        Holds(x.roll([1, 1], [0, 1]), [2, 3], 5, 3, 4, 2, 0, 1);
        Holds(x.flip(1), [2, 3], 2, 1, 0, 5, 4, 3);
        Holds(x.permute(1, 0), [3, 2], 0, 3, 1, 4, 2, 5);
        var parts = x.chunk(3, 1);
        Assert.AreEqual(3, parts.Length);
        Holds(cat([parts[2], parts[0]], 1), [2, 2], 2, 0, 5, 3);
    }
}
