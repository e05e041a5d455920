using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.ViTPruning.Pruning;

/// <summary>JSON of which every list of numbers is one line, so that a line by line comparison shows which lists differ.</summary>
internal static class ReadableJson
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(JsonNode? json)
    {
        var text = new StringBuilder();
        Write(text, json, "\n");
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? json, string line)
    {
        switch (json)
        {
            case JsonObject { Count: > 0 } members:
                Write(text, '{', '}', members, line, member => Write(text.Append(JsonSerializer.Serialize(member.Key, Plain)).Append(": "), member.Value, line + "  "));
                break;
            case JsonArray list when list.Any(item => item is JsonObject or JsonArray):
                Write(text, '[', ']', list, line, item => Write(text, item, line + "  "));
                break;
            case JsonArray list:
                text.Append('[').AppendJoin(", ", list.Select(item => item?.ToJsonString(Plain) ?? "null")).Append(']');
                break;
            default:
                text.Append(json?.ToJsonString(Plain) ?? "null");
                break;
        }
    }

    private static void Write<T>(StringBuilder text, char open, char close, IEnumerable<T> items, string line, Action<T> write)
    {
        text.Append(open);
        bool first = true;
        foreach (var item in items)
        {
            text.Append(first ? "" : ",").Append(line).Append("  ");
            write(item);
            first = false;
        }
        text.Append(line).Append(close);
    }
}
