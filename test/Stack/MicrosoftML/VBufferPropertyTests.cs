using Microsoft.ML.Data;

namespace MLNet.ViTPruning.Tests.Stack.MicrosoftML;

/// <summary>Every operation on a sparse vector gives what it gives on the same vector written out.</summary>
[TestClass]
public class VBufferPropertyTests
{
    [TestMethod]
    public void SparseAndDense_Agree()
    {
        var random = new Random(11);
        VBuffer<float> kept = default; // filled again in every round, as a cursor's buffer is
        for (int round = 0; round < 2000; round++)
        {
            int length = random.Next(0, 12);
            var indices = Enumerable.Range(0, length).Where(_ => random.Next(3) == 0).ToArray();
            var values = indices.Select(_ => random.NextSingle()).ToArray();
            var dense = new float[length];
            for (int i = 0; i < indices.Length; i++) dense[indices[i]] = values[i];
            var vector = new VBuffer<float>(length, indices.Length, values, indices);

            vector.CopyTo(ref kept);
            CollectionAssert.AreEqual(dense, kept.DenseValues().ToArray());
            Assert.AreEqual(indices.Length == length, kept.IsDense);
            int start = random.Next(0, length + 1), count = random.Next(0, length - start + 1);
            vector.CopyTo(ref kept, start, count);
            CollectionAssert.AreEqual(dense[start..(start + count)], kept.DenseValues().ToArray());
            vector.CopyToDense(ref kept);
            CollectionAssert.AreEqual(dense, kept.GetValues().ToArray());
            Assert.AreEqual(0, kept.GetIndices().Length);
            for (int i = 0; i < length; i++) Assert.AreEqual(dense[i], vector.GetItemOrDefault(i));
            CollectionAssert.AreEqual(dense, vector.Items(all: true).Select(item => item.Value).ToArray());
        }
    }
}
