using MLNet.ViTPruning.Training.Loading;

namespace MLNet.ViTPruning.Training.Augmentations;

/// <summary>One of RandAugment's operations.</summary>
/// <param name="Name">Its name in the paper.</param>
/// <param name="Signed">Whether it goes two ways, so that the sign of its strength is drawn.</param>
/// <param name="Strength">Strength for a magnitude in [0, 1] and the image's width and height.</param>
/// <param name="Apply">Does it with a strength, negative for the other way.</param>
internal sealed record PixelOperation(string Name, bool Signed, Func<double, int, int, double> Strength, Action<ImageCanvas, double> Apply)
{
    /// <summary>The paper's fourteen, with torchvision's strengths.</summary>
    public static IReadOnlyList<PixelOperation> All { get; } =
    [
        new("Identity", false, (_, _, _) => 0, (_, _) => { }),
        new("ShearX", true, (m, _, _) => 0.3 * m, (canvas, s) => AffineOperations.Apply(canvas, 1, s, 0, 0, 1, 0)),
        new("ShearY", true, (m, _, _) => 0.3 * m, (canvas, s) => AffineOperations.Apply(canvas, 1, 0, 0, s, 1, 0)),
        new("TranslateX", true, (m, width, _) => Math.Truncate(150.0 / 331 * width * m), (canvas, s) => AffineOperations.Apply(canvas, 1, 0, -s, 0, 1, 0)),
        new("TranslateY", true, (m, _, height) => Math.Truncate(150.0 / 331 * height * m), (canvas, s) => AffineOperations.Apply(canvas, 1, 0, 0, 0, 1, -s)),
        new("Rotate", true, (m, _, _) => 30 * m, AffineOperations.Rotate),
        new("Brightness", true, (m, _, _) => 0.9 * m, (canvas, s) => BlendOperations.Brightness(canvas, 1 + s)),
        new("Color", true, (m, _, _) => 0.9 * m, (canvas, s) => BlendOperations.Color(canvas, 1 + s)),
        new("Contrast", true, (m, _, _) => 0.9 * m, (canvas, s) => BlendOperations.Contrast(canvas, 1 + s)),
        new("Sharpness", true, (m, _, _) => 0.9 * m, (canvas, s) => BlendOperations.Sharpness(canvas, 1 + s)),
        new("Posterize", false, (m, _, _) => 8 - Math.Round(4 * m), (canvas, bits) => TableOperations.Posterize(canvas, (int)bits)),
        new("Solarize", false, (m, _, _) => 255 * (1 - m), TableOperations.Solarize),
        new("AutoContrast", false, (_, _, _) => 0, (canvas, _) => TableOperations.AutoContrast(canvas)),
        new("Equalize", false, (_, _, _) => 0, (canvas, _) => TableOperations.Equalize(canvas)),
    ];

    /// <summary>Does what RandAugment draws for an image.</summary>
    public static void Run(RandAugment options, ImageCanvas canvas, ref CounterRandom random)
    {
        for (int i = 0; i < options.Operations; i++)
        {
            var operation = All[random.NextInt(All.Count)];
            bool done = random.NextDouble() < options.Probability, negative = random.NextDouble() < 0.5;
            if (!done) continue;
            double strength = operation.Strength((double)options.Magnitude / RandAugment.MaxMagnitude, canvas.Width, canvas.Height);
            operation.Apply(canvas, operation.Signed && negative ? -strength : strength);
        }
    }
}
