using System.Text.Json;

namespace MLNet.ViTPruning.Checkpoints;

/// <summary>Reads the JSON of a safetensors header; stricter than a JSON library's mapping, which lets duplicates pass.</summary>
internal static class SafetensorsJson
{
    public static void Read(ReadOnlySpan<byte> json, Dictionary<string, string> metadata, Dictionary<string, TensorEntry> entries)
    {
        var reader = new Utf8JsonReader(json);
        Expect(ref reader, JsonTokenType.StartObject, "the header");
        bool hasMetadata = false;
        while (NextName(ref reader, out string name))
        {
            if (name == "__metadata__")
            {
                if (hasMetadata) throw SafetensorsHeader.Broken("its header has '__metadata__' twice");
                hasMetadata = true;
                ReadMetadata(ref reader, metadata);
            }
            else if (!entries.TryAdd(name, ReadEntry(ref reader, name)))
            {
                throw SafetensorsHeader.Broken($"its header has '{Shorten(name)}' twice");
            }
        }
        reader.Read(); // beyond the object only white space is valid JSON: this throws otherwise
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        Expect(ref reader, JsonTokenType.StartObject, "__metadata__");
        while (NextName(ref reader, out string key))
        {
            Expect(ref reader, JsonTokenType.String, $"__metadata__.{Shorten(key)}");
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw SafetensorsHeader.Broken($"its header has '__metadata__.{Shorten(key)}' twice");
        }
    }

    private static TensorEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        string shown = Shorten(name);
        Expect(ref reader, JsonTokenType.StartObject, shown);
        string? dtype = null;
        List<long>? shape = null, offsets = null;
        while (NextName(ref reader, out string member))
        {
            if (member == "dtype" && dtype is null)
            {
                Expect(ref reader, JsonTokenType.String, $"{shown}.dtype");
                dtype = reader.GetString()!;
            }
            else if (member == "shape" && shape is null) shape = ReadNumbers(ref reader, $"{shown}.shape", ShapeMath.MaxDimensions);
            else if (member == "data_offsets" && offsets is null) offsets = ReadNumbers(ref reader, $"{shown}.data_offsets", 2);
            else throw SafetensorsHeader.Broken($"'{shown}' has a second or unknown member '{Shorten(member)}'");
        }
        if (dtype is null || shape is null || offsets is not { Count: 2 })
            throw SafetensorsHeader.Broken($"'{shown}' lacks one of dtype, shape and data_offsets [begin, end]");
        var type = ElementTypes.BySafetensorsName(dtype)
            ?? throw SafetensorsHeader.Broken($"'{shown}' has dtype '{Shorten(dtype)}'; expected one of {ElementTypes.SafetensorsNames}");
        if (offsets[1] < offsets[0])
            throw SafetensorsHeader.Broken($"'{shown}' ends at data byte {offsets[1]}, before its start {offsets[0]}");
        long length = offsets[1] - offsets[0];
        if (ShapeMath.ByteCount(shape, type.Size) is not long bytes)
            throw SafetensorsHeader.Broken($"'{shown}' has the impossible shape {ShapeMath.Format(shape)}");
        if (bytes != length)
            throw SafetensorsHeader.Broken($"'{shown}' of shape {ShapeMath.Format(shape)} and dtype {dtype} needs {bytes} bytes; its offsets span {length}");
        return new TensorEntry(name, type.Type, shape.AsReadOnly(), offsets[0], length);
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader, string what, int max)
    {
        Expect(ref reader, JsonTokenType.StartArray, what);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long value) || value < 0)
                throw SafetensorsHeader.Broken($"'{what}' holds something other than whole numbers from 0 to 2^63 - 1");
            if (numbers.Count == max) throw SafetensorsHeader.Broken($"'{what}' has more than {max} numbers");
            numbers.Add(value);
        }
        return numbers;
    }

    private static bool NextName(ref Utf8JsonReader reader, out string name)
    {
        name = "";
        if (!reader.Read() || reader.TokenType == JsonTokenType.EndObject) return false;
        name = reader.GetString()!;
        return true;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (!reader.Read() || reader.TokenType != type)
            throw SafetensorsHeader.Broken($"'{what}' is no JSON {type.ToString().Replace("Start", "").ToLowerInvariant()}");
    }

    // A hostile name may have a million characters; a message need not.
    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "...";
}
