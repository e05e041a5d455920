using System.Text.RegularExpressions;

namespace MLNet.ViTPruning.Checkpoints.KeyMaps;

/// <summary>How one library names a model's tensors.</summary>
internal sealed class KeyMap
{
    private readonly Regex _signature;
    private readonly string[] _prefixes;

    /// <param name="name">Whose names they are.</param>
    /// <param name="signature">A form of name that only this library has.</param>
    /// <param name="rules">The rows; the first that fits a name counts.</param>
    /// <param name="prefixes">Prefixes that a name may have and that mean nothing.</param>
    public KeyMap(string name, string signature, KeyRule[] rules, params string[] prefixes)
    {
        (Name, Rules, _prefixes) = (name, rules, prefixes);
        _signature = KeyRule.Compile(signature);
    }

    /// <summary>Whose names they are.</summary>
    public string Name { get; }

    /// <summary>The rows.</summary>
    public IReadOnlyList<KeyRule> Rules { get; }

    /// <summary>Whether a file's names are this library's.</summary>
    public bool Fits(IEnumerable<string> names) => names.Any(name => _signature.IsMatch(Plain(name)));

    /// <summary>The name without a prefix that means nothing.</summary>
    public string Plain(string name)
    {
        string? prefix = Array.Find(_prefixes, p => name.StartsWith(p, StringComparison.Ordinal));
        return prefix is null ? name : name[prefix.Length..];
    }

    /// <summary>The rule for a name, or null; and timm's name, or null where it is ignored.</summary>
    public KeyRule? RuleOf(string name, out string? target)
    {
        string plain = Plain(name);
        target = null;
        foreach (var rule in Rules)
        {
            if (rule.Matches(plain, out target)) return rule;
        }
        return null;
    }
}
