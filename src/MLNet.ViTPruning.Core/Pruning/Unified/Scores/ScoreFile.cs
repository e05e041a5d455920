using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.ViTPruning.Checkpoints.Bytes;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Pruning.Unified;

/// <summary>A part of the scoring, and how far it is.</summary>
/// <param name="Settings">What it depends on beside model and images.</param>
/// <param name="Groups">The sums so far.</param>
internal sealed record ScoringPart(string Settings, List<GroupSums> Groups)
{
    /// <summary>Whether everything is done.</summary>
    public bool Complete { get; set; }

    /// <summary>Batches of images that are done.</summary>
    public int Batches { get; set; }

    /// <summary>Stacks of channels that are done for the batch of images after those.</summary>
    public int Stacks { get; set; }
}

/// <summary>Scores in a file, complete or not, so that scoring can be continued and its results used again.</summary>
internal sealed class ScoreFile
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(20);
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private sealed record Content(string WeightsHash, string? Images, ulong? Seed, Dictionary<string, ScoringPart> Parts);

    private readonly string? _path;
    private readonly Content _content;
    private long _saved = Stopwatch.GetTimestamp();

    private ScoreFile(string? path, Content content) => (_path, _content) = (path, content);

    /// <summary>Opens the file that the options name, or begins an empty one.</summary>
    /// <param name="importance">Whose scores it holds.</param>
    /// <param name="model">The model.</param>
    /// <param name="images">The images, or null where none are looked at.</param>
    /// <param name="path">The file, or null for none.</param>
    /// <param name="seed">The seed of all draws, or null where nothing is drawn.</param>
    /// <exception cref="ArgumentException">It holds scores of another importance or model, or of other images.</exception>
    /// <exception cref="InvalidDataException">It is broken.</exception>
    public static ScoreFile Open(string importance, VisionModel model, IProxyImages? images, string? path, ulong? seed)
    {
        if (path is null) return new ScoreFile(null, new Content("", null, seed, []));
        var content = new Content(Models.WeightsHash.Of(model), images?.Fingerprint, seed, []);
        if (!File.Exists(path)) return new ScoreFile(path, content);
        var found = Read(path);
        string made = MadeBy(found) ?? importance;
        if (made != importance && !Extends(made, importance) && !Extends(importance, made))
            throw new ArgumentException($"'{path}' holds scores of importance '{made}', not '{importance}'; name another file, or delete it.");
        var faults = new List<string>();
        if (found.WeightsHash != content.WeightsHash) faults.Add("weights");
        if (found.Images != content.Images) faults.Add("images");
        if (found.Seed != content.Seed) faults.Add("seed");
        if (faults.Count > 0) throw new ArgumentException($"'{path}' holds scores of other {string.Join(" and ", faults)}; name another file, or delete it.");
        return new ScoreFile(path, found);
    }

    /// <summary>Scores that are made in one go, or those that the file has.</summary>
    /// <param name="name">The importance.</param>
    /// <param name="settings">What the scores depend on.</param>
    /// <param name="groups">The channels.</param>
    /// <param name="score">Fills sums of zeros.</param>
    public IReadOnlyList<GroupSums> Whole(string name, string settings, IReadOnlyList<ChannelGroup> groups, Action<IReadOnlyList<GroupSums>> score)
    {
        var part = Part(name, settings, groups, replaces: true);
        if (part.Complete) return part.Groups;
        score(part.Groups);
        part.Complete = true;
        Save();
        return part.Groups;
    }

    /// <summary>A part of the scoring as far as the file has it, else from its beginning. What is complete serves for a part of its groups too.</summary>
    /// <param name="name">The part's name.</param>
    /// <param name="settings">What it depends on.</param>
    /// <param name="groups">The channels.</param>
    /// <param name="replaces">Whether a part of other settings or channels gives way, as one that takes seconds may; else it is refused.</param>
    /// <exception cref="ArgumentException">The file has the part with other settings or channels.</exception>
    public ScoringPart Part(string name, string settings, IReadOnlyList<ChannelGroup> groups, bool replaces = false)
    {
        if (_content.Parts.TryGetValue(name, out var part) && part.Settings != settings && !replaces)
            throw new ArgumentException($"'{_path}' holds scores of '{name}' with other settings ({part.Settings}; asked for are {settings}); name another file, or delete it.");
        if (part?.Settings == settings)
        {
            var found = groups.Select(group => part.Groups.Find(sums => sums.Component == group.Component && sums.Index == group.Index && sums.Channels.SequenceEqual(group.Channels))).OfType<GroupSums>().ToList();
            if (found.Count == groups.Count && found.Count == part.Groups.Count) return part;
            if (found.Count == groups.Count && part.Complete) return new ScoringPart(settings, found) { Complete = true };
            if (!replaces)
                throw new ArgumentException($"'{_path}' holds scores of '{name}' of other channels: {found.Count} of the {groups.Count} groups asked for are there"
                    + $"{(part.Complete ? "" : ", and its own are not complete")}; score with the same sizes to keep, name another file, or delete it.");
        }
        return _content.Parts[name] = new ScoringPart(settings, [.. groups.Select(group => GroupSums.Of(group))]);
    }

    /// <summary>Saves now and then.</summary>
    public void SaveSometimes()
    {
        if (Stopwatch.GetElapsedTime(_saved) >= Between) Save();
    }

    /// <summary>Saves what is done where the work is cancelled, and ends it.</summary>
    /// <exception cref="OperationCanceledException">It is cancelled.</exception>
    public void ThrowIfCancelled(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) Save();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Saves, where there is a file.</summary>
    public void Save()
    {
        if (_path is null) return;
        foreach (var part in _content.Parts.Values) ScoreTables.ThrowIfNotFinite(part.Groups);
        AtomicFile.Write(_path, stream => JsonSerializer.Serialize(stream, _content, JsonOptions));
        _saved = Stopwatch.GetTimestamp();
    }

    /// <summary>The importance whose scores a file holds: its parts have importances' names, and only auto has two. Null where it has none.</summary>
    private static string? MadeBy(Content content) => content.Parts.Count > 1 ? AutoImportance.AutoName : content.Parts.Keys.SingleOrDefault();

    /// <summary>Whether an importance begins with the scores of another one and adds to them.</summary>
    private static bool Extends(string importance, string other) => importance == AutoImportance.AutoName && other == FisherImportance.Name;

    private static Content Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var content = JsonSerializer.Deserialize<Content>(stream, JsonOptions) ?? throw new InvalidDataException($"'{path}' holds no scores.");
            foreach (var group in content.Parts.Values.SelectMany(part => part.Groups))
                if (group.Even.Length != group.Channels.Length || group.Odd.Length != group.Channels.Length)
                    throw new InvalidDataException($"'{path}': {group.Component} {group.Index} has {group.Channels.Length} channels but {group.Even.Length} and {group.Odd.Length} sums.");
            return content;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is no file of scores: {e.Message}", e);
        }
    }
}
