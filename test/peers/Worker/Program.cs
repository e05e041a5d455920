// Our side of test/peers/compare.sh: a model that computes when the driver says so. One command a line on stdin, one
// answer a line on stdout; while the other side computes, this process is blocked on stdin.
//
//   make ARCHITECTURE FILE        writes random weights of a preset     -> ok
//   load ARCHITECTURE FILE DTYPE  loads them, DTYPE is fp32 or bf16     -> ok
//   input FILE                    the tensor 'images' [B, 3, H, W]      -> ok
//   logits FILE                   one forward pass, result to the file  -> ok
//   run N                         N forward passes                      -> seconds, all N together
using System.Diagnostics;
using System.Globalization;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Models;
using TorchSharp;
using static TorchSharp.torch;

int threads = int.Parse(args[0], CultureInfo.InvariantCulture);
set_num_threads(threads);
VisionModel? model = null;
Tensor? images = null;
using var noGrad = no_grad();

while (Console.ReadLine() is { } line)
    Console.WriteLine(Answer(line.Split(' ')));

string Answer(string[] command)
{
    switch (command)
    {
        case ["make", var architecture, var file]:
            using (var made = VisionModel.Create(ModelPresets.Get(architecture), seed: 1))
                SafetensorsWriter.Write(file, made.state_dict().Select(entry => (entry.Key, entry.Value)));
            return "ok";
        case ["load", var architecture, var file, var dtype]:
            model?.Dispose();
            model = VisionModel.CreateEmpty(ModelPresets.Get(architecture));
            using (var checkpoint = CheckpointFile.Open(file))
                model.load_state_dict(checkpoint.Names.ToDictionary(name => name, name => checkpoint.ReadTensor(name)));
            model.eval();
            model.Precision = dtype == "bf16" ? ComputePrecision.BFloat16 : ComputePrecision.Float32;
            return "ok";
        case ["input", var file]:
            images?.Dispose();
            using (var checkpoint = CheckpointFile.Open(file))
                images = checkpoint.ReadTensor("images");
            return "ok";
        case ["logits", var file]:
            using (var logits = model!.forward(images!))
                SafetensorsWriter.Write(file, [("logits", logits)], dtype: ScalarType.Float32);
            return "ok";
        case ["run", var count]:
            long start = Stopwatch.GetTimestamp();
            for (int i = int.Parse(count, CultureInfo.InvariantCulture); i > 0; i--)
                model!.forward(images!).Dispose();
            return Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("R", CultureInfo.InvariantCulture);
        default:
            return $"unknown command {command[0]}";
    }
}
