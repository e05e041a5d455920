using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

[TestClass]
public class VBufferTests
{
    private static readonly VBuffer<float> Sparse = new(6, 2, [1f, 2f], [1, 4]);

    [TestMethod]
    public void Sparse_ReadsAsDense()
    {
        Assert.IsFalse(Sparse.IsDense);
        CollectionAssert.AreEqual(new[] { 0f, 1, 0, 0, 2, 0 }, Sparse.DenseValues().ToArray());
        Assert.AreEqual(2f, Sparse.GetItemOrDefault(4));
        Assert.AreEqual(0f, Sparse.GetItemOrDefault(5));
        CollectionAssert.AreEqual(new[] { 1, 4 }, Sparse.Items().Select(i => i.Key).ToArray());
        Assert.AreEqual(6, Sparse.Items(all: true).Count());
        var filled = new float[8];
        Sparse.CopyTo(filled, 1, 9f);
        CollectionAssert.AreEqual(new[] { 0f, 9, 1, 9, 9, 2, 9, 0 }, filled);
    }

    [TestMethod]
    public void CopyTo_OfAPart_KeepsTheSlots()
    {
        VBuffer<float> part = default;
        Sparse.CopyTo(ref part, 3, 3);
        CollectionAssert.AreEqual(new[] { 0f, 2, 0 }, part.DenseValues().ToArray());
        VBuffer<float> dense = default;
        Sparse.CopyToDense(ref dense);
        Assert.IsTrue(dense.IsDense);
        CollectionAssert.AreEqual(Sparse.DenseValues().ToArray(), dense.GetValues().ToArray());
    }

    [TestMethod]
    public void Editor_UsesTheArraysAgain()
    {
        var buffer = new VBuffer<float>(4, [1f, 2, 3, 4]);
        var editor = VBufferEditor.Create(ref buffer, 3);
        Assert.IsFalse(editor.CreatedNewValues);
        editor.Values[0] = 7;
        buffer = editor.Commit();
        Assert.AreEqual(3, buffer.Length);
        Assert.AreEqual(7f, buffer.GetItemOrDefault(0));
        var larger = VBufferEditor.Create(ref buffer, 10);
        Assert.IsTrue(larger.CreatedNewValues);
        Assert.AreEqual(10, larger.Commit().Length);
    }

    [TestMethod]
    public void Editor_CommitTruncated_GivesASparseVector()
    {
        VBuffer<float> buffer = default;
        var editor = VBufferEditor.Create(ref buffer, 5, 3);
        editor.Values[0] = 1;
        editor.Indices[0] = 2;
        buffer = editor.CommitTruncated(1);
        CollectionAssert.AreEqual(new[] { 0f, 0, 1, 0, 0 }, buffer.DenseValues().ToArray());
    }

    [TestMethod]
    public void Constructor_RefusesTooFewValues()
    {
        Assert.Throws<ArgumentException>(() => new VBuffer<float>(3, [1f]));
        Assert.Throws<ArgumentException>(() => new VBuffer<float>(3, 2, [1f, 2], [0]));
        Assert.Throws<ArgumentException>(() => new VBuffer<float>(1, 2, [1f, 2], [0, 1]));
    }
}
