using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Training;
using TorchSharp;
using static TorchSharp.torch;
using static MLNet.ViTPruning.Tests.Training.TrainerFixture;

namespace MLNet.ViTPruning.Tests.Training;

/// <summary>The engine's steps against arithmetic written down independently.</summary>
[TestClass]
public class ArithmeticTests
{
    private const int Images = 21;

    [TestMethod]
    [DataRow(1, null, EmaUpdate.Step, 1.0, false)]
    [DataRow(1, null, EmaUpdate.Step, null, false)]
    [DataRow(2, 0.8, EmaUpdate.Step, 0.5, false)]
    [DataRow(2, 0.8, EmaUpdate.Epoch, 5.0, true)]
    [DataRow(3, 0.1, EmaUpdate.Step, 1.0, true)]
    public void Run_FollowsAdamWScheduleClippingAndAverage(int accumulation, double? ema, EmaUpdate update, double? clip, bool skips)
    {
        var options = Options with
        {
            BatchSize = 4,
            AccumulationSteps = accumulation,
            EmaDecay = ema,
            EmaUpdate = update,
            GradientClip = clip,
            WeightDecay = 0.3,
            LearningRate = 0.02,
            WarmUpEpochs = 1.5,
            Epochs = 4,
        };
        var objective = new Bowl(skips ? call => call % 5 == 3 : _ => false);
        using var model = VisionModel.Create(Vit(), 5);
        var parameters = model.named_parameters().Select(p => (Values(p.Item2).Select(v => (double)v).ToArray(), Decays(p.Item1))).ToList();
        Assert.IsTrue(parameters.Any(p => p.Item2) && parameters.Any(p => !p.Item2));
        var result = Trainer.Run(model, Job(options, Images) with { Objective = objective });

        int batches = (Images + 3) / 4, steps = (batches + accumulation - 1) / accumulation, skipped = 0;
        var plain = new PlainAdamW(options, steps, parameters);
        for (int step = 0; step < options.Epochs * steps; step++)
        {
            int first = step / steps * batches + step % steps * accumulation;
            var calls = objective.Calls.Skip(first).Take(Math.Min(accumulation, batches - step % steps * accumulation)).ToList();
            double s = calls.Sum(c => c.Factor * c.Images) / calls.Sum(c => c.Images);
            if (double.IsNaN(s)) skipped++;
            plain.Step(step, s);
        }
        Assert.AreEqual(skipped, result.SkippedSteps);
        Assert.AreEqual(skips, skipped > 0);
        float[] actual = Weights(model);
        double[] expected = plain.Weights;
        for (int i = 0; i < actual.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-5 + 1e-4 * Math.Abs(expected[i]), $"weight {i}");
    }

    [TestMethod]
    [DataRow(ModelFamily.Vit)]
    [DataRow(ModelFamily.Swin)]
    public void Step_OfSeveralBatches_HasTheGradientOfOneLargeBatch(ModelFamily family)
    {
        var configuration = family == ModelFamily.Vit ? Vit() : Swin();
        double[] whole = Gradient(configuration, 12);
        foreach (int batch in (int[])[6, 4, 5]) // 5: the last one is smaller
        {
            double[] parts = Gradient(configuration, batch);
            for (int i = 0; i < whole.Length; i++) Assert.AreEqual(whole[i], parts[i], 1e-12, $"{batch} images a batch, weight {i}");
        }
    }

    [TestMethod]
    public void Schedule_WarmsUpAndFalls()
    {
        var options = new TrainingOptions { Epochs = 3, WarmUpEpochs = 0.5, LearningRate = 1, WarmUpLearningRate = 0.1, MinLearningRate = 0.2 };
        var schedule = new LearningRateSchedule(options, 4); // 2 steps of 12 are warm-up
        Assert.AreEqual(0.1, schedule.At(0), 1e-15);
        Assert.AreEqual(0.55, schedule.At(1), 1e-15);
        Assert.AreEqual(1, schedule.At(2), 1e-15);
        Assert.AreEqual(0.6, schedule.At(7), 1e-15);
        Assert.AreEqual(0.2, schedule.At(12), 1e-15);
        Assert.AreEqual(1, new LearningRateSchedule(options with { WarmUpEpochs = 0 }, 4).At(0), 1e-15);
    }

    private static bool Decays(string name) => name.EndsWith("weight", StringComparison.Ordinal) && !name.Contains("norm", StringComparison.Ordinal);

    /// <summary>The gradient of 12 images in batches of some size, computed in double precision.</summary>
    private static double[] Gradient(ModelConfiguration configuration, int batchSize)
    {
        const int Count = 12;
        var options = new TrainingOptions { LabelSmoothing = 0.1, GradientClip = null };
        using var scope = NewDisposeScope();
        using var model = Models.SmallModels.Random(configuration);
        model.to(ScalarType.Float64);
        var dropPath = new StochasticDepth(0.4, configuration.Blocks.Count(), 3);
        using var settings = new ModelSettings(model, ComputePrecision.Float32, dropPath);
        using var optimizer = new ModelOptimizer(model, 0);
        using var masks = new ParameterMasks(model, []);
        using var objective = TrainingObjective.CrossEntropy.Start(null!);
        using var generator = new Generator(4);
        var images = randn([Count, 3, configuration.ImageSize, configuration.ImageSize], ScalarType.Float64, generator: generator);
        var targets = rand([Count, Classes], ScalarType.Float64, generator: generator).softmax(1);
        var batches = new List<TrainingBatch>();
        for (int i = 0; i < Count; i += batchSize)
        {
            int size = Math.Min(batchSize, Count - i);
            batches.Add(new TrainingBatch(images.narrow(0, i, size), targets.narrow(0, i, size), [.. Enumerable.Range(i, size)], new int[size]));
        }
        var runner = new StepRunner(model, objective, optimizer, masks, dropPath, options, augmented: true);
        runner.Run(batches.GetEnumerator(), batches.Count, Count, step: 6, learningRate: 0);
        return [.. model.parameters().SelectMany(p => p.grad!.data<double>().ToArray())];
    }

    /// <summary>A loss of s / 2 * sum of all squared weights; s differs from batch to batch.</summary>
    private sealed class Bowl(Func<int, bool> spoils) : TrainingObjective
    {
        public List<(double Factor, int Images)> Calls { get; } = [];

        public override Tensor Loss(TrainingStep step)
        {
            using var scope = NewDisposeScope();
            double s = spoils(Calls.Count) ? double.NaN : 0.1 * (1 + step.Indices[0] % 7);
            Calls.Add((s, step.Indices.Count));
            return (stack(step.Model.parameters().Select(p => p.square().sum())).sum() * (s / 2)).MoveToOuterDisposeScope();
        }
    }
}
