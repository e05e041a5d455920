using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Quickstart;

/// <summary>The saved model in a process that knows nothing but its file.</summary>
internal static class NewProcess
{
    private const int Rows = 64;

    /// <summary>The other process: scores and prints, a row a line.</summary>
    public static void Score(string file, IDataView images)
    {
        var ml = new MLContext();
        ITransformer model = ml.Model.Load(file, out _);
        foreach (float[] scores in Scores(model.Transform(images)))
            Console.WriteLine(string.Join(' ', scores.Select(score => BitConverter.SingleToInt32Bits(score))));
    }

    /// <summary>Starts the other process and compares its probabilities with these.</summary>
    public static float LargestDifference(string file, IDataView scored, string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        // ProcessPath is 'dotnet' where the program was started as 'dotnet Quickstart.dll'.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(NewProcess).Assembly.Location);
        foreach (string argument in (string[])["--score", file, .. arguments]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        float largest = 0;
        int rows = 0;
        foreach (float[] scores in Scores(scored))
        {
            string line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The new process ended early.");
            var others = line.Split(' ').Select(bits => BitConverter.Int32BitsToSingle(int.Parse(bits)));
            largest = Math.Max(largest, scores.Zip(others, (a, b) => Math.Abs(a - b)).Max());
            rows++;
        }
        process.WaitForExit();
        return rows > 0 && process.ExitCode == 0 ? largest : float.PositiveInfinity;
    }

    private static IEnumerable<float[]> Scores(IDataView scored) => new MLContext().Data.TakeRows(scored, Rows).GetColumn<float[]>("Score");
}
