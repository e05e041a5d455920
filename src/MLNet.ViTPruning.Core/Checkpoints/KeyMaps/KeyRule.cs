using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MLNet.ViTPruning.Checkpoints.KeyMaps;

/// <summary>One row of a key map: names of this form become names of that form.</summary>
/// <remarks>In a pattern <c>{i}</c> (any letter) stands for a whole number and <c>{*}</c>, only at the end, for the rest of the name. In a
/// target they
/// stand for what was found; <c>{i+1}</c> and <c>{i/2}</c> calculate with it.</remarks>
internal sealed partial class KeyRule
{
    private readonly Regex _pattern;
    private readonly string? _target;

    /// <param name="name">What the rule is about, for people.</param>
    /// <param name="pattern">Form of the file's name.</param>
    /// <param name="target">Form of timm's name, or null to ignore the tensor.</param>
    /// <param name="part">Position among the tensors that are joined along the first dimension into one, or -1 where it stands
    /// alone.</param>
    public KeyRule(string name, string pattern, string? target, int part = -1)
    {
        (Name, Pattern, _target, Part) = (name, pattern, target, part);
        _pattern = Compile(pattern);
    }

    /// <summary>What the rule is about.</summary>
    public string Name { get; }

    /// <summary>Form of the file's name.</summary>
    public string Pattern { get; }

    /// <summary>Position among the tensors that are joined, or -1.</summary>
    public int Part { get; }

    /// <summary>Whether tensors of this form are left out.</summary>
    public bool Ignores => _target is null;

    /// <summary>Whether the rule is about this name; then what it becomes, or null where it is ignored.</summary>
    public bool Matches(string name, out string? target)
    {
        var match = _pattern.Match(name);
        target = match.Success && _target is not null ? Placeholder().Replace(_target, p => Value(match, p)) : null;
        return match.Success;
    }

    /// <summary>A pattern on its own.</summary>
    public static Regex Compile(string pattern)
    {
        var regex = new StringBuilder(@"\A");
        int at = 0;
        foreach (Match p in Placeholder().Matches(pattern))
        {
            regex.Append(Regex.Escape(pattern[at..p.Index]));
            regex.Append(p.Value == "{*}" ? "(?<rest>.+)" : $"(?<{p.Groups["name"].Value}>[0-9]{{1,4}})");
            at = p.Index + p.Length;
        }
        return new Regex(regex.Append(Regex.Escape(pattern[at..])).Append(@"\z").ToString(), RegexOptions.CultureInvariant);
    }

    private static string Value(Match match, Match placeholder)
    {
        if (placeholder.Value == "{*}") return match.Groups["rest"].Value;
        int number = int.Parse(match.Groups[placeholder.Groups["name"].Value].Value, CultureInfo.InvariantCulture);
        int result = placeholder.Groups["operation"].Value switch { "+1" => number + 1, "/2" => number / 2, _ => number };
        return result.ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\{(?:\*|(?<name>[a-z])(?<operation>\+1|/2)?)\}")]
    private static partial Regex Placeholder();
}
