using System.Globalization;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Peers;

/// <summary>Comparison 'train': steps of the training engine, as test/peers/train/recipe.py has them.</summary>
/// <remarks>
/// losses N                      the first N losses from the loaded weights -> N numbers
/// computed                      the precision that products really have    -> Float32 or BFloat16
/// first N FOLDER RECIPE...      losses of the first N steps of a whole training on CIFAR-100; the rest is in <see cref="First"/> -> N numbers
/// PEERS_BFLOAT16=1 insists on bfloat16 where fp32 would be computed because the CPU is faster in it.
/// </remarks>
internal sealed class TrainingWorker : ModelWorker
{
    private static readonly TrainingOptions Recipe = new() { LearningRate = 1e-4, WeightDecay = 0.05, GradientClip = 1, LabelSmoothing = 0.1 };
    private static readonly bool Insists = Environment.GetEnvironmentVariable("PEERS_BFLOAT16") == "1";
    private readonly List<IDisposable> _parts = [];
    private StepRunner? _steps;
    private Tensor? _labels;
    private long _step;
    private (string Architecture, string File, ComputePrecision Precision) _loaded;

    public override string Answer(string[] command)
    {
        switch (command)
        {
            case ["losses", var count]:
                Load(_loaded.Architecture, _loaded.File, _loaded.Precision);
                return Numbers(Enumerable.Range(0, Integer(count)).Select(_ => Step()));
            case ["computed"]:
                return Model!.Precision.ToString();
            case ["first", var steps, var folder, var images, var batch, var epochs, var seed]:
                return Numbers(First(Integer(steps), folder, Integer(images), Integer(batch), Integer(epochs), Integer(seed)));
            default:
                return base.Answer(command);
        }
    }

    protected override void Load(string architecture, string file, ComputePrecision precision)
    {
        Release();
        _loaded = (architecture, file, precision);
        base.Load(architecture, file, precision);
        var computedIn = Insists ? precision : Model!.InferencePrecision;
        var objective = Own(TrainingObjective.CrossEntropy.Start(new ObjectiveContext(Model!, computedIn, 1, 1, false, _ => [])
        {
            Clean = _ => throw new NotSupportedException(),
            ImagesKey = "",
            TeacherProgress = _ => { },
        }));
        var masks = Own(new ParameterMasks(Model!, []));
        Own(new ModelSettings(Model!, computedIn, null));
        _steps = new StepRunner(Model!, objective, Own(new ModelOptimizer(Model!, Recipe.WeightDecay)), masks, null, Recipe, augmented: false);
    }

    protected override void Input(ICheckpoint file)
    {
        base.Input(file);
        _labels?.Dispose();
        using var labels = file.ReadTensor("labels");
        _labels = labels.to(ScalarType.Int64);
    }

    protected override void Work() => Step();

    private double Step()
    {
        var targets = nn.functional.one_hot(_labels!, Model!.Configuration.NumClasses).to(ScalarType.Float32);    // [B, K]
        int count = (int)_labels!.shape[0];
        IEnumerable<TrainingBatch> batch = [new TrainingBatch(Images!.alias(), targets, new int[count], new int[count])];
        return _steps!.Run(batch.GetEnumerator(), 1, count, _step++, Recipe.LearningRate).Loss;
    }

    /// <summary>Trains the loaded model with the recipe of test/peers/parity/first_steps.py, without augmentation.</summary>
    private double[] First(int steps, string folder, int images, int batch, int epochs, int seed)
    {
        using var end = new CancellationTokenSource();
        var log = new StepLog(steps, end);
        var (architecture, file, precision) = _loaded;
        Release();
        base.Load(architecture, file, precision);
        Trainer.Run(Model!, new TrainingJob
        {
            Images = TrainingImages.Range(TrainingImages.FromCifar100(Cifar100Set.Open(folder, Cifar100Split.Train)), 0, images),
            Options = new TrainingOptions
            {
                Epochs = epochs,
                BatchSize = batch,
                LabelSmoothing = 0.1,
                Seed = seed,
                Progress = log,
                CancellationToken = end.Token,
            },
        });
        return [.. log.Losses];
    }

    private sealed class StepLog(int steps, CancellationTokenSource end) : IProgress<TrainingProgress>
    {
        public List<double> Losses { get; } = [];

        public void Report(TrainingProgress value)
        {
            if (Losses.Count < steps) Losses.Add(value.Loss);
            if (Losses.Count == steps) end.Cancel();
        }
    }

    private static int Integer(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Numbers(IEnumerable<double> values) => string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    private T Own<T>(T part) where T : IDisposable
    {
        _parts.Add(part);
        return part;
    }

    private void Release()
    {
        for (int i = _parts.Count - 1; i >= 0; i--) _parts[i].Dispose();
        _parts.Clear();
        _step = 0;
    }

    public override void Dispose()
    {
        Release();
        _labels?.Dispose();
        base.Dispose();
    }
}
