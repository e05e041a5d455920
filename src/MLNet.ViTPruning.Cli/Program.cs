using System.CommandLine;
using MLNet.ViTPruning.Cli;
using MLNet.ViTPruning.Cli.Commands;

// Stdout carries results and nothing else; whatever is wrong is one sentence on stderr and exit code 2.
using var interrupt = new Interrupt();
var root = new RootCommand("Makes Vision Transformers smaller and faster.")
{
    InspectCommand.Create(),
    ConvertCommand.Create(),
    EvaluateCommand.Create(interrupt.Token),
    ScoreCommand.Create(interrupt.Token),
    PruneCommand.Create(interrupt.Token),
    CompareCommand.Create(interrupt.Token),
    TrainCommand.Create(interrupt.Token),
    DistillCommand.Create(interrupt.Token),
    SkipCommand.Create(interrupt.Token),
    ExplainCommand.Create(),
};

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    Failure.Say(string.Join(" ", parsed.Errors.Select(error => error.Message)) + " 'vitprune --help' lists what there is.");
    return Failure.WrongInput;
}
try
{
    return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e)
{
    return Failure.Report(e);
}
