using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using MLNet.ViTPruning.Cli.Commands;
using MLNet.ViTPruning.Components;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Cli.Training;

/// <summary>What <c>train</c> and <c>distill</c> work on and where they write, spelt alike.</summary>
internal sealed class RunArguments
{
    private readonly Option<string> _data = CommonOptions.Data(), _split = CommonOptions.Split("fit, train");
    private readonly Option<int?> _limit = CommonOptions.Number("--limit", "Take this many training images, spread evenly over the split. Without it: all.", least: 1);
    private readonly Option<int?> _first = CommonOptions.Number("--first", "Take the first so many training images of the split, in place of --limit.", least: 1);
    private readonly Option<string> _out = new("--out") { Required = true, Description = "The file to write: .safetensors, .pth or .zip (ML.NET)." };
    private readonly Option<string> _run = new("--run") { Description = "Folder of the run: checkpoints, best weights, metrics, curves, report. Without it: --out with the extension .run." };
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on from the newest good checkpoint of the run's folder." };
    private readonly Option<string> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Number("--threads", "CPU threads of forward and backward passes. Without it: torch's own choice.", least: 1);

    private readonly Option<string> _validation = new("--validation")
    {
        Description = "Images that choose the best epoch: a share held out of the training images, a split of the data set (cifar100: validation), or none.",
        DefaultValueFactory = _ => "0.1",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_data, _split, _limit, _first, _validation, _out, _run, _resume, _device, _threads]) command.Options.Add(option);
    }

    /// <summary>Reads and checks the arguments, and whatever else the command has to check.</summary>
    /// <exception cref="ArgumentException">All faults in one message.</exception>
    public TrainingRun Read(ParseResult parsed, TrainingArguments recipe, params ReadOnlySpan<Action> more)
    {
        string target = parsed.GetRequiredValue(_out), folder = parsed.GetValue(_run) ?? Path.ChangeExtension(target, ".run");
        DataSource? data = null, validation = null;
        double? share = null;
        bool resume = parsed.GetValue(_resume);
        Failure.TellAll(
        [
            .. more,
            () => recipe.Check(parsed, validates: parsed.GetValue(_validation) != "none"),
            () => CheckCount(parsed),
            () => data = DataSource.Parse(parsed.GetRequiredValue(_data), parsed.GetValue(_split), forFitting: true),
            () => (share, validation) = ValidationOf(parsed.GetValue(_validation)!, data),
            () => ModelSource.CheckTarget(target),
            () => CheckFolder(folder, resume),
        ]);
        if (parsed.GetValue(_threads) is int count) set_num_threads(count);
        return new TrainingRun(data!, parsed.GetRequiredValue(_data), target, folder)
        {
            Validation = validation,
            ValidationShare = share,
            Resume = resume,
            Limit = parsed.GetValue(_limit),
            First = parsed.GetValue(_first),
            Device = parsed.GetValue(_device)!,
        };
    }

    private void CheckCount(ParseResult parsed)
    {
        if (parsed.GetValue(_limit) is not null && parsed.GetValue(_first) is not null) throw new ArgumentException("--limit and --first are both given; expected one of them.");
    }

    private static (double? Share, DataSource? Source) ValidationOf(string text, DataSource? data)
    {
        if (text == "none") return (null, null);
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double share)) return (null, data?.ToValidate(text));
        return share is > 0 and < 1 ? (share, null) : throw new ArgumentException($"--validation is '{text}'; a share must be in (0, 1).");
    }

    // The engine refuses such a folder too; here it is told before the images are read, in the words of the command line.
    private static void CheckFolder(string folder, bool resume)
    {
        if (File.Exists(folder)) throw new ArgumentException($"The run's folder '{folder}' is a file; name another with --run.");
        if (!resume && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(entry => Path.GetFileName(entry) != "run.lock"))
            throw new ArgumentException($"The run's folder '{folder}' is not empty; go on with the run in it by --resume, or name another folder with --run.");
    }
}
