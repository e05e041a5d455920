using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Quickstart;

/// <summary>Training as plain as it gets: AdamW, cross-entropy with the labels or with what a teacher says, a cosine, all images in memory.</summary>
internal static class PlainTraining
{
    private const int Batch = 32;

    public static void FromScratch(string weights, IDataView data, int epochs)
    {
        var blocks = Enumerable.Repeat(new BlockConfiguration(Heads: 3, HeadDim: 32, MlpHiddenDim: 384), 4).ToArray();
        var configuration = ModelPresets.Get("vit_patch4_32") with { Architecture = null, Stages = [new StageConfiguration(96, blocks)], LabelNames = Cifar100Labels.Fine };
        using var model = VisionModel.Create(configuration, seed: 1);
        Run(model, teacher: null, data, epochs, learningRate: 2e-3);
        ModelFile.Save(model, weights);
    }

    public static void Run(VisionModel model, VisionModel? teacher, IDataView data, int epochs, double learningRate)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = Read(model.Configuration, data);         // [N, 3, S, S], [N]
        var targets = teacher is null ? nn.functional.one_hot(labels, model.Configuration.NumClasses).to(float32) : Predict(teacher, images); // [N, K]
        using var optimizer = optim.AdamW(model.parameters(), learningRate, weight_decay: 0.05);
        var random = new Random(1);
        long count = labels.shape[0], steps = epochs * ((count + Batch - 1) / Batch), step = 0;
        model.train();
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            long[] order = [.. Enumerable.Range(0, (int)count).Select(i => (long)i)];
            random.Shuffle(order);
            double total = 0;
            foreach (long[] chunk in order.Chunk(Batch))
            {
                using var inner = NewDisposeScope();
                double cosine = 0.5 * (1 + Math.Cos(Math.PI * step / steps)), warmUp = Math.Min(1, (step + 1) / (0.1 * steps + 1));
                foreach (var group in optimizer.ParamGroups) group.LearningRate = learningRate * cosine * warmUp;
                step++;
                var index = tensor(chunk);
                var logits = model.forward(images.index_select(0, index));                              // [B, K]
                var loss = -(targets.index_select(0, index) * logits.log_softmax(1)).sum(1).mean();
                optimizer.zero_grad();
                loss.backward();
                optimizer.step();
                total += loss.ToDouble() * chunk.Length;
            }
            Console.WriteLine($"  epoch {epoch + 1} of {epochs}: loss {total / count:0.000}");
        }
        model.eval();
    }

    private static Tensor Predict(VisionModel teacher, Tensor images)
    {
        using var noGrad = no_grad();
        return cat([.. images.split(Batch, 0).Select(batch => teacher.forward(batch).softmax(1))], 0);    // [N, K]
    }

    private static (Tensor Images, Tensor Labels) Read(ModelConfiguration configuration, IDataView data)
    {
        var preprocessor = new ImagePreprocessor(configuration.Preprocessing, configuration.ImageSize);
        var (images, labels) = (new List<float[]>(), new List<long>());
        foreach (var row in new MLContext().Data.CreateEnumerable<Row>(data, reuseRowObject: true))
        {
            var layout = row.Image!.PixelFormat == MLPixelFormat.Bgra32 ? PixelLayout.Bgra32 : PixelLayout.Rgba32;
            float[] values = new float[preprocessor.Length];
            preprocessor.Run(RgbImage.From(row.Image.Width, row.Image.Height, layout, row.Image.Pixels), values);
            images.Add(values);
            labels.Add(row.Label - 1);      // keys that ML.NET writes start at 1
        }
        int side = configuration.ImageSize;
        return (stack(images.Select(image => tensor(image, [3, side, side]))), tensor(labels.ToArray()));
    }

    private sealed class Row
    {
        [ImageType]
        public MLImage? Image { get; set; }

        public uint Label { get; set; }
    }
}
