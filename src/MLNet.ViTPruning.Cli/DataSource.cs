using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Cli;

/// <summary>What <c>--data KIND:FOLDER</c> and <c>--split</c> name.</summary>
/// <param name="Kind"><c>imagenet</c>, <c>cifar100</c> or <c>folder</c>.</param>
/// <param name="Folder">The data set's folder.</param>
/// <param name="Split">The part, as the command line spells it; null for a plain folder.</param>
internal sealed record DataSource(string Kind, string Folder, string? Split)
{
    private static readonly Dictionary<string, Cifar100Split> CifarSplits = new()
    {
        ["train"] = Cifar100Split.Train,
        ["fit"] = Cifar100Split.Fit,
        ["validation"] = Cifar100Split.Validation,
        ["test"] = Cifar100Split.Test,
    };

    private static readonly Dictionary<string, ImageNetSplit> ImageNetSplits = new()
    {
        ["train"] = ImageNetSplit.Train,
        ["val"] = ImageNetSplit.Val,
        ["val-even"] = ImageNetSplit.ValEven,
        ["val-odd"] = ImageNetSplit.ValOdd,
    };

    /// <param name="text"><c>KIND:FOLDER</c>.</param>
    /// <param name="split">The part asked for, or null for the usual one.</param>
    /// <param name="forFitting">Whether the usual part is one that a model may be fitted on.</param>
    /// <exception cref="ArgumentException">The text or the split is none of the known ones.</exception>
    public static DataSource Parse(string text, string? split, bool forFitting)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string kind = colon < 0 ? "" : text[..colon], folder = text[(colon + 1)..];
        if (folder.Length == 0) throw new ArgumentException($"--data is '{text}'; expected imagenet:FOLDER, cifar100:FOLDER or folder:FOLDER.");
        switch (kind)
        {
            case "cifar100":
                split ??= forFitting ? "fit" : "test";
                if (!CifarSplits.ContainsKey(split)) throw Unknown(split, kind, CifarSplits.Keys);
                break;
            case "imagenet":
                split ??= forFitting ? "train" : "val";
                if (!ImageNetSplits.ContainsKey(split)) throw Unknown(split, kind, ImageNetSplits.Keys);
                break;
            case "folder":
                if (split is not null) throw new ArgumentException($"--split is '{split}'; a plain folder has no splits, leave it out.");
                break;
            default:
                throw new ArgumentException($"--data is '{text}'; expected imagenet:FOLDER, cifar100:FOLDER or folder:FOLDER.");
        }
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        return new DataSource(kind, folder, split);
    }

    /// <summary>Opens the data with labels in a model's order.</summary>
    /// <exception cref="ArgumentException">The data has other classes than the model.</exception>
    public IDataView Load(MLContext ml, ModelConfiguration model, int? limit)
    {
        var names = model.LabelNames;
        var data = Kind switch
        {
            "cifar100" => ml.Data.LoadCifar100(Folder, CifarSplits[Split!], limit, names),
            "imagenet" => ml.Data.LoadImageNet(Folder, ImageNetSplits[Split!], limit, names),
            _ => ml.Data.LoadImageFolder(Folder, limit, names ?? (model.NumClasses == ImageNetClasses.Wnids.Count ? ImageNetClasses.Wnids : null)),
        };
        ulong classes = ((KeyDataViewType)data.Schema["Label"].Type).Count;
        return classes == (ulong)model.NumClasses ? data
            : throw new ArgumentException($"The data has {classes} classes, the model {model.NumClasses}; it can only be scored on data of its own classes.");
    }

    /// <summary>Opens the data with its own classes, for a training that fits the model to them.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="limit">Takes this many rows, spread evenly; null takes all.</param>
    public IDataView LoadToTrain(MLContext ml, int? limit = null) => Kind switch
    {
        "cifar100" => ml.Data.LoadCifar100(Folder, CifarSplits[Split!], limit),
        "imagenet" => ml.Data.LoadImageNet(Folder, ImageNetSplits[Split!], limit),
        _ => ml.Data.LoadImageFolder(Folder, limit),
    };

    /// <summary>Another part of the same data that shares no image with this one.</summary>
    /// <exception cref="ArgumentException">There is no such part, or it must not choose a model.</exception>
    public DataSource ToValidate(string split)
    {
        if (Split is null) throw new ArgumentException($"--validation is '{split}'; a plain folder has no splits: give a share such as 0.1, or none.");
        IEnumerable<string> known = Kind == "cifar100" ? CifarSplits.Keys : ImageNetSplits.Keys;
        if (!known.Contains(split)) throw new ArgumentException($"--validation is '{split}'; expected a share such as 0.1, none, or a split of {Kind}: {string.Join(", ", known)}.");
        if (split == "test") throw new ArgumentException("--validation is 'test'; validation images choose the weights that are kept, so the test images would no longer tell how good they are.");
        if (Parts(Split).Intersect(Parts(split)).Any()) throw new ArgumentException($"--validation is '{split}'; it shares images with --split {Split}.");
        return this with { Split = split };
    }

    private static string[] Parts(string split) => split switch
    {
        "train" => ["train", "fit", "validation"],
        "val" => ["val", "val-even", "val-odd"],
        _ => [split],
    };

    private static ArgumentException Unknown(string split, string kind, IEnumerable<string> known) =>
        new($"--split is '{split}'; {kind} has {string.Join(", ", known)}.");
}
