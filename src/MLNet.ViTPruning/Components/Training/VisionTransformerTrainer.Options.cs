using MLNet.ViTPruning.Models;
using MLNet.ViTPruning.Validation;

namespace MLNet.ViTPruning.Components;

public sealed partial class VisionTransformerTrainer
{
    /// <summary>Which model is trained, on which columns, and how.</summary>
    /// <remarks>The model comes from one source: random weights (<see cref="Architecture"/> or <see cref="Configuration"/>), a file
    /// (<see cref="Weights"/>), memory (<see cref="Model"/>), or, where none of them is given, the model of an earlier stage on the Score column.</remarks>
    public sealed record Options : ViTTrainingOptions
    {
        /// <summary>Input column: the label, a key as <c>MapValueToKey</c> makes it.</summary>
        /// <value>The default is <c>Label</c>.</value>
        public string LabelColumnName { get; init; } = "Label";

        /// <summary>Input column: an image (<c>MLImage</c>), an encoded file (vector of Byte), a path (text) or planar RGB values 0..255 (vector of
        /// Single, <c>3 * imageSize * imageSize</c>).</summary>
        /// <value>The default is <c>Image</c>.</value>
        public string ImageColumnName { get; init; } = "Image";

        /// <summary>Output column: probabilities, vector of Single. Without another source the model upstream is looked for on it.</summary>
        /// <value>The default is <c>Score</c>.</value>
        public string ScoreColumnName { get; init; } = "Score";

        /// <summary>Output column: the most probable class, a key with the model's class names.</summary>
        /// <value>The default is <c>PredictedLabel</c>.</value>
        public string PredictedLabelColumnName { get; init; } = "PredictedLabel";

        /// <summary>A preset, such as <c>vit_patch4_32</c>, that is trained from random weights; beside <see cref="Weights"/> the preset of a file
        /// that does not name its own.</summary>
        public string? Architecture { get; init; }

        /// <summary>A structure that is trained from random weights. Its classes are replaced by the label's.</summary>
        public ModelConfiguration? Configuration { get; init; }

        /// <summary>A model's file that is fine-tuned: <c>.safetensors</c>, or a PyTorch <c>.pth</c>, <c>.pt</c> or <c>.bin</c>.</summary>
        public string? Weights { get; init; }

        /// <summary>A model in memory that is fine-tuned. It is copied at <c>Fit</c>; the caller keeps its own.</summary>
        public VisionModel? Model { get; init; }

        /// <summary>How <see cref="Model"/> was pruned, as JSON, to be saved with it; a file and an earlier stage bring their own.</summary>
        public string? Plan { get; init; }

        /// <summary>Draws a new head for the label's classes even where the model's classes fit. A model whose number of classes is another
        /// than the label's gets a new head anyway, unless all of the label's names are among the model's.</summary>
        /// <value>The default is <see langword="false"/>.</value>
        public bool ReplaceHead { get; init; }

        /// <summary>Images per forward pass when the trained model scores.</summary>
        /// <value>The default is 32.</value>
        public int ScoringBatchSize { get; init; } = 32;

        internal bool TakesUpstream => Architecture is null && Configuration is null && Weights is null && Model is null;

        internal ScoringSettings Settings => new()
        {
            ImageColumnName = ImageColumnName,
            ScoreColumnName = ScoreColumnName,
            PredictedLabelColumnName = PredictedLabelColumnName,
            BatchSize = ScoringBatchSize,
            Precision = Precision,
        };

        private protected override IEnumerable<string?> Faults() =>
        [
            .. base.Faults(),
            Check.NotEmpty(LabelColumnName),
            Check.NotEmpty(ImageColumnName),
            Check.NotEmpty(ScoreColumnName),
            Check.NotEmpty(PredictedLabelColumnName),
            Check.That(ScoreColumnName != PredictedLabelColumnName, $"ScoreColumnName and PredictedLabelColumnName are both '{ScoreColumnName}'; they must differ."),
            OneSource(),
            Check.That(Architecture is null || ModelPresets.All.ContainsKey(Architecture),
                $"Architecture is '{Architecture}'; expected one of {string.Join(", ", ModelPresets.All.Keys)}."),
            .. Configuration?.Faults() ?? [],
            Check.That(Plan is null || Model is not null, "Plan is given without Model; a file and an earlier stage bring their own."),
            Check.That(!ReplaceHead || (Architecture is null || Weights is not null) && Configuration is null,
                "ReplaceHead has no effect on random weights; leave it out."),
            Check.AtLeast(ScoringBatchSize, 1),
        ];

        private string? OneSource()
        {
            string[] given =
            [
                .. Architecture is not null && Weights is null ? [nameof(Architecture)] : Array.Empty<string>(),
                .. Configuration is not null ? [nameof(Configuration)] : Array.Empty<string>(),
                .. Weights is not null ? [nameof(Weights)] : Array.Empty<string>(),
                .. Model is not null ? [nameof(Model)] : Array.Empty<string>(),
            ];
            return Check.That(given.Length <= 1,
                $"{string.Join(" and ", given)} are given; a model comes from one of them: keep one, or none to train the model of an earlier stage.");
        }
    }
}
