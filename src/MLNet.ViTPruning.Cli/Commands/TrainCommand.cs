using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.ViTPruning.Cli.Training;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary><c>vitprune train MODEL|--preset NAME --data ... --out FILE</c>: trains from random weights, or goes on with a model's.</summary>
internal static class TrainCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var model = CommonOptions.Model();
        model.Arity = ArgumentArity.ZeroOrOne;
        model.Description += " Without it random weights of --preset are trained.";
        var (preset, json) = (CommonOptions.Preset(), CommonOptions.Json());
        var run = new RunArguments();
        var recipe = new TrainingArguments(new VisionTransformerTrainer.Options());
        var command = new Command("train", "Trains a model on labelled images; a run that was interrupted goes on with --resume.") { model, preset, json };
        run.AddTo(command);
        recipe.AddTo(command);
        command.SetAction(parsed =>
        {
            var (path, name) = (parsed.GetValue(model), parsed.GetValue(preset));
            VisionModel? loaded = null;
            string? plan = null;
            var work = run.Read(parsed, recipe, () =>
            {
                if (path is null && name is null) throw new ArgumentException("There is no model; name a file to go on with, or a --preset to train from random weights.");
                if (path is not null) loaded = ModelSource.Load(path, name, out plan);
                else ModelPresets.Get(name!);
            });
            using (loaded)
            {
                var ml = new MLContext();
                var rows = work.Load(ml);
                var options = recipe.Apply(parsed, work.Apply(ml, new VisionTransformerTrainer.Options { Model = loaded, Plan = plan, Architecture = path is null ? name : null }, cancellationToken));
                using var trained = TrainingReport.Run(options, o => ml.MulticlassClassification.Trainers.VisionTransformer(o).Fit(rows));
                return work.Finish(trained, options, new JsonObject { ["model"] = path ?? name }, recipe.DType(parsed),
                    () => ModelSource.SaveZip(ml, trained, rows.Schema, work.Target), parsed.GetValue(json));
            }
        });
        return command;
    }
}
