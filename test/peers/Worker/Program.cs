// Our side of test/peers/compare.sh: a model that computes when the driver says so. One command a line on stdin, one
// answer a line on stdout; while the other side computes, this process is blocked on stdin. The commands of each
// comparison stand in its class.
//
//   PeerWorker dense|train|dimap-scores|pruned|skip THREADS
//   PeerWorker kl-scores THREADS DATA COMMIT     our fast path beside our naive loop, without a driver
//   PeerWorker batch-independence THREADS MODEL CIFAR100FOLDER IMAGES     of a model that skips patches, without a driver
using System.Globalization;
using MLNet.ViTPruning.Peers;
using static TorchSharp.torch;

set_num_threads(int.Parse(args[1], CultureInfo.InvariantCulture));
if (args[0] == "kl-scores") return KlScores.Run(args[2], args[3]);
if (args[0] == "batch-independence") return BatchIndependence.Run(args[2], args[3], args[4]);
using ModelWorker worker = args[0] switch
{
    "train" => new TrainingWorker(),
    "dimap-scores" => new WeightScores(),
    "pruned" => new PrunedWorker(),
    "skip" => new SkippingWorker(),
    _ => new InferenceWorker(),
};
while (Console.ReadLine() is { } line)
    Console.WriteLine(worker.Answer(line.Split(' ')));
return 0;
