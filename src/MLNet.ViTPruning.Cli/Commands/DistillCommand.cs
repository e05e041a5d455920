using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.ViTPruning.Cli.Training;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Distillation;
using MLNet.ViTPruning.Models;

namespace MLNet.ViTPruning.Cli.Commands;

/// <summary><c>vitprune distill STUDENT --teacher FILE --data ... --out FILE</c>: trains a model against another one.</summary>
internal static class DistillCommand
{
    public static Command Create(CancellationToken cancellationToken)
    {
        var defaults = new DistillOptions();
        var student = new Argument<string>("STUDENT") { Description = "The model that learns: .safetensors, .pth or .zip, or a preset's name for random weights." };
        var teacher = new Option<string>("--teacher") { Required = true, Description = "The model that it learns from, usually the one that it was pruned from." };
        var kind = CommonOptions.OneOf("--kind", "What the student takes from the teacher.", "soft", "hard", "feature");
        var alpha = CommonOptions.Real("--alpha", "Weight of the teacher's part of the loss.", defaults.Alpha, value => value >= 0, "a number of at least 0");
        var temperature = CommonOptions.Real("--temperature", "Softens both distributions of --kind soft.", defaults.Temperature, value => value > 0, "a number above 0");
        var labels = CommonOptions.Real("--label-weight", "Weight of the labels' cross-entropy.", defaults.LabelWeight, value => value >= 0, "a number of at least 0");
        var hidden = CommonOptions.Real("--hidden-weight", "Weight of the error of the residual stream after each block, for a student that was pruned from its teacher.", defaults.HiddenWeight, value => value >= 0, "a number of at least 0");
        var view = CommonOptions.OneOf("--teacher-view", "Which images the teacher sees: the student's augmented ones, or each image once without augmentation, prepared its own way.", "augmented", "clean");
        var outputs = new Option<string>("--teacher-outputs") { Description = "With --teacher-view clean: file of what the teacher said, reused where it fits, else made. Without it: teacher.safetensors in the run's folder." };
        var (preset, json) = (CommonOptions.Preset(), CommonOptions.Json());
        var run = new RunArguments();
        var recipe = new TrainingArguments(defaults);
        var command = new Command("distill", "Trains a model against a teacher; a run that was interrupted goes on with --resume.") { student, teacher, kind, alpha, temperature, labels, hidden, view, outputs, preset, json };
        run.AddTo(command);
        recipe.AddTo(command);
        command.SetAction(parsed =>
        {
            var (path, teacherPath) = (parsed.GetRequiredValue(student), parsed.GetRequiredValue(teacher));
            VisionModel? pupil = null, master = null;
            string? plan = null;
            var work = run.Read(parsed, recipe,
                () =>
                {
                    if (parsed.GetResult(temperature) is { Implicit: false } && parsed.GetValue(kind) != "soft") throw new ArgumentException($"--temperature has no effect with --kind {parsed.GetValue(kind)}.");
                },
                () =>
                {
                    if (parsed.GetValue(outputs) is not null && parsed.GetValue(view) != "clean") throw new ArgumentException($"--teacher-outputs has no effect with --teacher-view {parsed.GetValue(view)}.");
                },
                () => master = ModelSource.Load(teacherPath, parsed.GetValue(preset), out _),
                () => pupil = ModelPresets.All.ContainsKey(path) && !File.Exists(path) ? Untrained(path, master, recipe.Seed(parsed)) : ModelSource.Load(path, parsed.GetValue(preset), out plan));
            using (pupil)
            using (master)
            {
                var ml = new MLContext();
                var rows = work.Load(ml);
                var score = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = pupil, Plan = plan, GpuDeviceId = work.Device == "cuda" ? 0 : null, FallbackToCpu = false });
                var options = recipe.Apply(parsed, work.Apply(ml, new DistillOptions
                {
                    Teacher = master,
                    Kind = Enum.Parse<DistillationKind>(parsed.GetValue(kind)!, ignoreCase: true),
                    Alpha = parsed.GetValue(alpha),
                    Temperature = parsed.GetValue(temperature),
                    LabelWeight = parsed.GetValue(labels),
                    HiddenWeight = parsed.GetValue(hidden),
                    View = Enum.Parse<TeacherView>(parsed.GetValue(view)!, ignoreCase: true),
                    TeacherOutputsPath = parsed.GetValue(outputs),
                }, cancellationToken));
                using var chain = TrainingReport.Run(options, o => score.Append(ml.Transforms.DistillViT(o)).Fit(rows));
                var head = new JsonObject { ["model"] = path, ["teacher"] = teacherPath, ["kind"] = parsed.GetValue(kind), ["alpha"] = options.Alpha, ["temperature"] = options.Temperature, ["labelWeight"] = options.LabelWeight, ["hiddenWeight"] = options.HiddenWeight, ["teacherView"] = parsed.GetValue(view) };
                return work.Finish(chain.LastTransformer, options, head, recipe.DType(parsed),
                    () => ModelSource.SaveZip(ml, chain.CompactViT(), rows.Schema, work.Target), parsed.GetValue(json));
            }
        });
        return command;
    }

    /// <summary>A student with random weights for the teacher's classes.</summary>
    private static VisionModel? Untrained(string preset, VisionModel? teacher, int seed) =>
        teacher is null ? null : VisionModel.Create(ModelPresets.Get(preset).WithClasses(teacher.Configuration.NumClasses, teacher.Configuration.LabelNames), (ulong)seed);
}
