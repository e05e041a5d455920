using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.ViTPruning.Cli;

/// <summary>A command's result on stdout: one JSON object, or the same as text.</summary>
internal static class Report
{
    /// <summary>What is said of every model with masked weights.</summary>
    public const string NoSpeedUp = "no speed-up: weights are zero, tensors keep their sizes";

    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(JsonObject result, bool json)
    {
        if (json) Console.Out.WriteLine(result.ToJsonString(Options));
        else WriteText(result, "");
    }

    private static void WriteText(JsonObject values, string indent)
    {
        int width = values.Count == 0 ? 0 : values.Max(entry => entry.Key.Length);
        foreach (var (key, value) in values)
        {
            switch (value)
            {
                case JsonObject inner:
                    Console.Out.WriteLine($"{indent}{key}");
                    WriteText(inner, indent + "  ");
                    break;
                case JsonArray { Count: > 0 } rows when rows[0] is JsonObject:
                    Console.Out.WriteLine();
                    WriteTable(rows);
                    break;
                default:
                    Console.Out.WriteLine($"{indent}{key.PadRight(width)}  {Text(value)}");
                    break;
            }
        }
    }

    private static void WriteTable(JsonArray rows)
    {
        var names = rows[0]!.AsObject().Select(entry => entry.Key).ToArray();
        int Width(string name) => Math.Max(14, Math.Max(name.Length, rows.Max(row => Text(row![name]).Length)) + 2);
        Console.Out.WriteLine(string.Concat(names.Select(name => name.PadLeft(Width(name)))));
        foreach (var row in rows) Console.Out.WriteLine(string.Concat(names.Select(name => Text(row![name]).PadLeft(Width(name)))));
    }

    private static string Text(JsonNode? value) => value switch
    {
        null => "-",
        JsonArray array => string.Join(", ", array.Select(Text)),
        JsonValue v when v.TryGetValue(out long number) => number.ToString("N0", CultureInfo.InvariantCulture),
        JsonValue v when v.TryGetValue(out double number) => number.ToString("G6", CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
