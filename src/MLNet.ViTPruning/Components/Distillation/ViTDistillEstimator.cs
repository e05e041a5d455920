using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Distillation;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Pruning;
using MLNet.ViTPruning.Training;
using TorchSharp;

namespace MLNet.ViTPruning.Components;

/// <summary>Trains the model that an earlier stage put on the Score column against a teacher, and scores with it.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Input and Output Columns</term><description></description></listheader>
/// <item><term>Score (input)</term><description>written by <c>ScoreViT</c>, <c>PruneViT</c> or another stage of this library; carries the student</description></item>
/// <item><term>Image (input)</term><description>the column that the earlier stage reads</description></item>
/// <item><term>Label (input)</term><description>key of UInt32; its names are compared with the student's</description></item>
/// <item><term>Score, PredictedLabel (output)</term><description>of the trained student; they hide the earlier stage's</description></item>
/// </list>
/// <list type="table">
/// <listheader><term>Trainer Characteristics</term><description></description></listheader>
/// <item><term>Machine learning task</term><description>Multiclass classification</description></item>
/// <item><term>Is normalization required?</term><description>No, the model's own preprocessing is applied</description></item>
/// <item><term>Is caching required?</term><description>No, the data is read once</description></item>
/// <item><term>Required NuGet in addition to Microsoft.ML</term><description>Microsoft.ML.ImageAnalytics, TorchSharp and one of TorchSharp-cpu, TorchSharp-cuda-linux, TorchSharp-cuda-windows</description></item>
/// <item><term>Exportable to ONNX</term><description>No</description></item>
/// </list>
/// The teacher is the chain's first model unless the options give another. It sees the same augmented images as the student, in evaluation mode.
/// The earlier stage's model is not changed; <c>CompactViT</c> drops that stage from a fitted chain.
/// </remarks>
public sealed class ViTDistillEstimator : IEstimator<ViTScoringTransformer>
{
    private readonly IHost _host;
    private readonly DistillOptions _options;
    private readonly string _labelColumnName;
    private readonly string _scoreColumnName;

    internal ViTDistillEstimator(IHostEnvironment environment, DistillOptions options, string labelColumnName, string scoreColumnName)
    {
        options.Validate();
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(scoreColumnName);
        if (options.TeacherWeights is { } path && !File.Exists(path)) throw new FileNotFoundException($"The teacher's file '{path}' does not exist.", path);
        _host = environment.Register(nameof(ViTDistillEstimator));
        _options = options;
        _labelColumnName = labelColumnName;
        _scoreColumnName = scoreColumnName;
    }

    /// <summary>Trains a copy of the earlier stage's model against the teacher.</summary>
    /// <param name="input">Labelled images with the Score column of an earlier stage; read once.</param>
    /// <returns>The trained student as a transformer with its report, owned by the caller. After a cancellation it has the best weights so far.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="ArgumentException">The labels or the teacher do not fit the student.</exception>
    /// <exception cref="InvalidOperationException">No earlier stage left a model on the Score column, there are no rows, or the run's folder holds another run.</exception>
    /// <exception cref="InvalidDataException">A row has no label or no image, an image cannot be decoded, or the teacher's file is broken.</exception>
    /// <exception cref="TrainingDivergedException">Too many losses were no finite number.</exception>
    public ViTScoringTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var channel = _host.Start(nameof(Fit));
        var upstream = UpstreamModel.Find(input.Schema, _scoreColumnName, nameof(ViTDistillEstimator));
        LabelClasses.Column(input.Schema, _labelColumnName);
        var run = new TrainingRun(_host, channel, _options, _labelColumnName, upstream.Settings.ImageColumnName);
        using var teacher = Teacher(upstream);
        var student = upstream.Model.Copy();
        try
        {
            teacher.to(run.Device);
            var result = run.Train(student, input, Objective(teacher, upstream), upstream.Plan);
            return new ViTScoringTransformer(_host, student, upstream.Settings, upstream.First, input.Schema, upstream.Plan, result);
        }
        catch
        {
            student.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        UpstreamModel.Check(inputSchema, _scoreColumnName, nameof(ViTDistillEstimator));
        LabelClasses.Check(inputSchema, _labelColumnName);
        // Which names the earlier stage chose besides Score is known only at Fit; the shape needs just these two.
        return inputSchema;
    }

    /// <summary>A student without some of its teacher's blocks has the others'.</summary>
    private IReadOnlyList<int>? TeacherBlocks(ModelConfiguration teacher, ViTModel upstream) =>
        _options.HiddenWeight == 0 || upstream.Plan is not { } plan || teacher.Blocks.Count() == upstream.Configuration.Blocks.Count() ? null : PlanHistory.BlockOrigins(plan);

    private DistillationObjective Objective(VisionModel teacher, ViTModel upstream) =>
        new(teacher, _options.Kind, _options.Alpha, _options.Temperature) { View = _options.View, OutputsPath = _options.TeacherOutputsPath, LabelWeight = _options.LabelWeight, HiddenWeight = _options.HiddenWeight, TeacherBlocks = TeacherBlocks(teacher.Configuration, upstream) };

    // A copy: the training chooses its kernels, and the original scores elsewhere at the same time.
    private VisionModel Teacher(ViTModel upstream)
    {
        if (_options.TeacherWeights is { } path)
        {
            var loaded = ModelFile.Load(path);
            try
            {
                CheckTeacher(loaded.Configuration, upstream);
                return loaded;
            }
            catch
            {
                loaded.Dispose();
                throw;
            }
        }
        var teacher = _options.Teacher ?? upstream.First;
        CheckTeacher(teacher.Configuration, upstream);
        return teacher.Copy(requiresGrad: false);
    }

    private void CheckTeacher(ModelConfiguration teacher, ViTModel upstream)
    {
        var student = upstream.Configuration;
        var faults = new List<string>();
        if (_options.Kind == DistillationKind.Feature)
        {
            if (teacher.NumFeatures != student.NumFeatures) faults.Add($"The teacher's features are {teacher.NumFeatures} wide, the student's {student.NumFeatures}; Feature needs equal widths.");
        }
        else if (teacher.NumClasses != student.NumClasses) faults.Add($"The teacher has {teacher.NumClasses} classes, the student {student.NumClasses}.");
        else if (teacher.LabelNames is { } taught && student.LabelNames is { } learnt && !taught.SequenceEqual(learnt, StringComparer.Ordinal))
            faults.Add($"The teacher's classes ('{taught.Zip(learnt).First(pair => pair.First != pair.Second).First}', ...) have other names or another order than the student's.");
        if (_options.HiddenWeight > 0 && DistillationObjective.StreamFault(teacher, student, TeacherBlocks(teacher, upstream)) is { } stream) faults.Add(stream);
        bool sameImages = _options.View == TeacherView.Augmented;
        if (sameImages && teacher.ImageSize != student.ImageSize) faults.Add($"The teacher's input is {teacher.ImageSize} pixels, the student's {student.ImageSize}.");
        if (sameImages && !teacher.Preprocessing.Equals(student.Preprocessing)) faults.Add("The teacher's preprocessing is another than the student's.");
        if (faults.Count > 0) throw new ArgumentException(string.Join(" ", faults) + " Both see the same images: give a teacher that fits in Teacher or TeacherWeights, or View = Clean where only size and preprocessing differ.");
    }
}
