using System.Text;
using Microsoft.ML;
using MLNet.ViTPruning.Checkpoints;
using MLNet.ViTPruning.Components;
using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.PatchSkipping;
using MLNet.ViTPruning.Pruning;
using static TorchSharp.torch;

namespace MLNet.ViTPruning.Cli;

/// <summary>Models as files of the three kinds: <c>.safetensors</c>, PyTorch's <c>.pth</c> and saved ML.NET <c>.zip</c>.</summary>
internal static class ModelSource
{
    /// <summary>Loads a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="preset">Name of its preset, where the file does not say what it holds.</param>
    /// <param name="plan">How the model was pruned, as JSON, or null.</param>
    /// <returns>The model on the CPU, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">The file is broken or holds no model of this library.</exception>
    public static VisionModel Load(string path, string? preset, out string? plan)
    {
        if (Directory.Exists(path)) throw new ArgumentException($"'{path}' is a folder; expected a .safetensors, .pth or .zip file.");
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{path}'.");
        if (IsZip(path)) return LoadZip(path, out plan);
        plan = ModelFile.LoadPlan(path);
        return ModelFile.Load(path, new ModelLoadOptions { Preset = preset });
    }

    /// <summary>Checks before any work that a result can be written under this name.</summary>
    /// <exception cref="ArgumentException">The extension is unknown.</exception>
    public static void CheckTarget(string path)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is not (".safetensors" or ".pth" or ".zip"))
            throw new ArgumentException($"The output '{path}' has no known extension; expected .safetensors, .pth or .zip.");
        if (FolderFault(path) is { } fault) throw new DirectoryNotFoundException(fault);
    }

    /// <summary>A sentence where no file can have this name, else null.</summary>
    public static string? FolderFault(string path)
    {
        if (path.Length == 0) return "The name of an output is empty.";
        if (Directory.Exists(path)) return $"The output '{path}' is a folder; expected a file's name.";
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Directory.Exists(folder) ? null : $"There is no folder '{folder}' for the output.";
    }

    /// <summary>Reads pruning plans, from a file of their own or from a model that was pruned by them.</summary>
    /// <returns>The plans in the order of the prunings, at least one.</returns>
    /// <exception cref="InvalidDataException">The file is broken or holds no plan.</exception>
    public static IReadOnlyList<IPruningPlan> LoadPlans(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{path}'.");
        string? json;
        if (IsZip(path)) LoadZip(path, out json).Dispose();
        else json = Path.GetExtension(path).ToLowerInvariant() is ".safetensors" or ".pth" ? ModelFile.LoadPlan(path) : File.ReadAllText(path);
        try
        {
            return PlanHistory.FromJson(json ?? throw new InvalidDataException("the model was not pruned."));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{path}' holds no plan that can be applied: {e.Message}", e);
        }
    }

    /// <summary>Saves a plan in a file of its own, a list of indices in each line.</summary>
    public static void SavePlan(string plan, string path) => SaveText(PlanHistory.Format(plan) + "\n", path);

    /// <summary>Saves a text; it appears under its name when it is complete and on the disk.</summary>
    public static void SaveText(string text, string path) => Replace(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether a file is a saved ML.NET model by its name.</summary>
    public static bool IsZip(string path) => Path.GetExtension(path).Equals(".zip", StringComparison.OrdinalIgnoreCase);

    /// <summary>Saves a model outside ML.NET, or as an ML.NET model of one scoring stage, by the extension.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file.</param>
    /// <param name="plan">How the model was pruned, as JSON, or null.</param>
    /// <param name="dtype">Type of the weights in a file outside ML.NET, or null for the narrowest that loses nothing.</param>
    public static void Save(VisionModel model, string path, string? plan, ScalarType? dtype = null)
    {
        if (!IsZip(path))
        {
            ModelFile.Save(model, path, dtype, extraMetadata: plan is null ? null : new Dictionary<string, string> { [ModelFile.PlanKey] = plan });
            return;
        }
        var ml = new MLContext();
        var schema = ml.Data.LoadFromEnumerable(Array.Empty<ImageRow>());
        using var transformer = ml.Transforms.ScoreViT(new ScoreViTOptions { Model = model, Plan = plan }).Fit(schema);
        SaveZip(ml, transformer, schema.Schema, path);
    }

    /// <summary>Saves an ML.NET model; it appears under its name when it is complete and on the disk.</summary>
    public static void SaveZip(MLContext ml, ITransformer model, DataViewSchema schema, string path) => Replace(path, stream => ml.Model.Save(model, schema, stream));

    private static void Replace(string path, Action<FileStream> write)
    {
        string partial = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(partial, FileMode.Create))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Loads a model that skips patches, or one that does not as null.</summary>
    /// <param name="path">The file.</param>
    /// <param name="plan">How the model was pruned, as JSON, or null.</param>
    /// <returns>The model on the CPU, owned by the caller.</returns>
    /// <exception cref="InvalidDataException">The file is broken.</exception>
    public static PatchSkipModel? LoadSkipping(string path, out string? plan)
    {
        if (Directory.Exists(path)) throw new ArgumentException($"'{path}' is a folder; expected a .safetensors, .pth or .zip file.");
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{path}'.");
        plan = null;
        if (!IsZip(path))
        {
            if (!PatchSkipFile.IsSkipping(path)) return null;
            plan = ModelFile.LoadPlan(path);
            return PatchSkipFile.Load(path);
        }
        var stage = Stages(ReadZip(path)).OfType<PatchSkipTransformer>().LastOrDefault();
        plan = stage?.Plan;
        return stage?.Model;
    }

    private static VisionModel LoadZip(string path, out string? plan)
    {
        var stage = Stages(ReadZip(path)).OfType<ViTScoringTransformer>().LastOrDefault()
            ?? throw new InvalidDataException($"The ML.NET model '{path}' has no stage that scores with a Vision Transformer.");
        plan = stage.Plan;
        return stage.Model;
    }

    private static ITransformer ReadZip(string path)
    {
        try
        {
            return new MLContext().Model.Load(path, out _);
        }
        catch (Exception e) when (e is not IOException || e is InvalidDataException or EndOfStreamException)
        {
            throw new InvalidDataException($"'{path}' is no ML.NET model that can be read: {e.Message}", e);
        }
    }

    private static IEnumerable<ITransformer> Stages(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Stages) : [model];
}
