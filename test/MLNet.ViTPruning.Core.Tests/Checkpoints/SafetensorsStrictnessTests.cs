using MLNet.ViTPruning.Checkpoints;

namespace MLNet.ViTPruning.Tests.Checkpoints;

[TestClass]
public sealed class SafetensorsStrictnessTests
{
    private const string Good = """{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""";

    [TestMethod]
    public void Read_ValidFile_HasItsEntry()
    {
        using var file = SafetensorsFile.Read(SafetensorsBytes.Of(Good, 16));
        var entry = file.Entries["a"];
        Assert.AreEqual((0L, 16L), (entry.Offset, entry.Length));
        CollectionAssert.AreEqual(new long[] { 2, 2 }, entry.Shape.ToArray());
    }

    [TestMethod]
    [DataRow("""{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""", 15, "truncated", DisplayName = "data truncated")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""", 17, "belong to no tensor", DisplayName = "trailing byte")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,12]}}""", 12, "needs 16 bytes", DisplayName = "size mismatch")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "before its start", DisplayName = "reversed offsets")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "belong to no tensor", DisplayName = "gap at the start")]
    [DataRow("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}""", 5, "belong to no tensor", DisplayName = "hole")]
    [DataRow("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", 4, "within the tensor before it", DisplayName = "overlap")]
    [DataRow("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 4, "within the tensor before it", DisplayName = "the same range twice")]
    [DataRow("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[9223372036854775800,9223372036854775804]}}""", 4, "belong to no tensor", DisplayName = "offsets far beyond the file")]
    [DataRow("""{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}""", 4, "whole numbers", DisplayName = "negative size")]
    [DataRow("""{"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}}""", 4, "whole numbers", DisplayName = "fraction")]
    [DataRow("""{"a":{"dtype":"U8","shape":["4"],"data_offsets":[0,4]}}""", 4, "whole numbers", DisplayName = "text as number")]
    [DataRow("""{"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "impossible shape", DisplayName = "product wraps around")]
    [DataRow("""{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}""", 0, "impossible shape", DisplayName = "bytes wrap around")]
    [DataRow("""{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}""", 8, "dtype 'F31'", DisplayName = "unknown dtype")]
    [DataRow("""{"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}""", 8, "a.dtype", DisplayName = "dtype is a number")]
    [DataRow("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8, "lacks one of", DisplayName = "no dtype")]
    [DataRow("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0]}}""", 2, "lacks one of", DisplayName = "one offset")]
    [DataRow("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2,4]}}""", 2, "more than 2", DisplayName = "three offsets")]
    [DataRow("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"extra":1}}""", 2, "unknown member", DisplayName = "unknown member")]
    [DataRow("""{"a":{"dtype":"U8","dtype":"I8","shape":[2],"data_offsets":[0,2]}}""", 2, "second or unknown member", DisplayName = "dtype twice")]
    [DataRow("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", 4, "'a' twice", DisplayName = "duplicate key")]
    [DataRow("""{"__metadata__":{"x":"1","x":"2"}}""", 0, "x' twice", DisplayName = "duplicate metadata")]
    [DataRow("""{"__metadata__":{},"__metadata__":{}}""", 0, "twice", DisplayName = "metadata twice")]
    [DataRow("""{"__metadata__":{"x":1}}""", 0, "no JSON string", DisplayName = "metadata is no text")]
    [DataRow("""{"a":[1,2]}""", 0, "'a' is no JSON object", DisplayName = "entry is an array")]
    [DataRow("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}""", 2, "not valid JSON", DisplayName = "JSON not closed")]
    [DataRow("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}} x""", 2, "not valid JSON", DisplayName = "text behind the JSON")]
    [DataRow("""{"\ud800":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 2, "not valid JSON", DisplayName = "half a surrogate pair")]
    [DataRow("""[1]""", 0, "does not start with '{'", DisplayName = "array")]
    public void Read_BrokenFile_OneClearInvalidDataException(string header, int dataLength, string expected)
    {
        var e = Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Read(SafetensorsBytes.Of(header, dataLength)));
        StringAssert.Contains(e.Message, expected);
    }

    [TestMethod]
    public void Read_HeaderIsNotUtf8_Throws()
    {
        byte[] header = [.. "{\"a"u8, 0xff, .. "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"u8];
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Read(SafetensorsBytes.Of(header, 0))).Message, "UTF-8");
    }

    [TestMethod]
    [DataRow(0UL)]
    [DataRow(1UL)]
    [DataRow(100_000_001UL)]
    [DataRow(1UL << 40)]
    [DataRow(ulong.MaxValue)]
    [DataRow(60UL)]
    public void Read_AbsurdHeaderLength_Throws(ulong claimed) =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Read(SafetensorsBytes.Of("{}", 16, claimed))).Message, "header claims");

    [TestMethod]
    [DataRow(0)]
    [DataRow(7)]
    [DataRow(8)]
    [DataRow(20)]
    public void Open_TruncatedFile_Throws(int length)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.safetensors");
        File.WriteAllBytes(path, SafetensorsBytes.Of(Good, 16)[..length]);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsFile.Open(path)).Message, "truncated");
    }

    [TestMethod]
    public void ReadTensor_BooleanWithOtherBytes_Throws()
    {
        byte[] bytes = SafetensorsBytes.Of("""{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}""", 2);
        bytes[^1] = 2;
        using var file = SafetensorsFile.Read(bytes);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => file.ReadTensor("a")).Message, "boolean");
    }

    [TestMethod]
    public void ReadTensor_UnknownName_Throws()
    {
        using var file = SafetensorsFile.Read(SafetensorsBytes.Of(Good, 16));
        StringAssert.Contains(Assert.ThrowsExactly<KeyNotFoundException>(() => file.ReadTensor("b")).Message, "'b'");
    }
}
