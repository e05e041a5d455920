using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary>What several commands share, so that it is spelt alike everywhere.</summary>
internal static class CommonOptions
{
    public static Argument<string> Model() => new("MODEL") { Description = "A .safetensors or .pth file, or a saved ML.NET .zip." };

    public static Option<string> Preset() => new("--preset") { Description = $"What the file holds, where it does not say so itself: {string.Join(", ", ModelPresets.All.Keys)}." };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object." };

    public static Option<string> Data(bool required = true) => new("--data") { Required = required, Description = "imagenet:FOLDER, cifar100:FOLDER or folder:FOLDER." };

    public static Option<string> Split(string usual) => new("--split")
    {
        Description = $"cifar100: train, fit, validation, test. imagenet: train, val, val-even, val-odd. Without it: {usual}.",
    };

    public static Option<string> Device() => OneOf("--device", "Where to compute.", "cpu", "cuda");

    public static Option<string> DType() => OneOf("--dtype", "Number format of matrix products.", "fp32", "bf16");

    public static Option<int?> Threads() => Number("--threads", "CPU threads of a forward pass. Without it: torch's own choice.", least: 1);

    /// <summary>An option whose first value is the default.</summary>
    public static Option<string> OneOf(string name, string description, params string[] values) =>
        Only(new Option<string>(name) { Description = $"{description} {string.Join(" or ", values)}; default {values[0]}.", DefaultValueFactory = _ => values[0] }, values);

    /// <summary>An option that takes some values alone, where it is given.</summary>
    public static Option<string> Only(Option<string> option, params IReadOnlyCollection<string> values)
    {
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } value && !values.Contains(value)) result.AddError($"{option.Name} is '{value}'; expected {string.Join(" or ", values)}.");
        });
        return option;
    }

    public static Option<int?> Number(string name, string description, int? usual = null, int least = int.MinValue) => new(name)
    {
        Description = description + (usual is null ? "" : $" Default {usual}."),
        DefaultValueFactory = _ => usual,
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) && value >= least) return value;
            result.AddError($"{name} is '{text}'; expected a whole number{(least == int.MinValue ? "" : $" of at least {least}")}.");
            return null;
        },
    };

    public static Option<double> Ratio(string name, string description, double usual) =>
        Real(name, description, usual, value => value is > 0 and <= 1, "a number in (0, 1]");

    /// <summary>A number that is always there.</summary>
    public static Option<double> Real(string name, string description, double usual, Func<double, bool> accepts, string expected) => new(name)
    {
        Description = $"{description} Default {Text(usual)}.",
        DefaultValueFactory = _ => usual,
        CustomParser = result => Parse(result, name, accepts, expected) ?? usual,
    };

    /// <summary>A number that may be left out; <c>none</c>: whether that word stands for infinity, where the number is a bound.</summary>
    public static Option<double?> OptionalReal(string name, string description, double? usual, Func<double, bool> accepts, string expected, bool none = false) => new(name)
    {
        Description = description + (usual is { } value ? $" Default {Text(value)}." : ""),
        DefaultValueFactory = _ => usual,
        CustomParser = result => none && result.Tokens is [{ Value: "none" }] ? double.PositiveInfinity : Parse(result, name, accepts, none ? $"{expected}, or none" : expected),
    };

    private static double? Parse(ArgumentResult result, string name, Func<double, bool> accepts, string expected)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) && accepts(value)) return value;
        result.AddError($"{name} is '{text}'; expected {expected}.");
        return null;
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
