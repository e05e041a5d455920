using Microsoft.ML;
using MLNet.ViTPruning.Imaging;

namespace MLNet.ViTPruning.Components;

/// <summary>A transformer that scores images, as its data views, cursors and rows see it, and as a chain is compacted by it.</summary>
internal interface IScoringStage
{
    /// <summary>Columns, batch size, precision.</summary>
    ScoringSettings Settings { get; }

    /// <summary>The model's preprocessing.</summary>
    ImagePreprocessor Preprocessor { get; }

    /// <summary>Names and types of the columns seen at Fit, or null.</summary>
    DataViewSchema? SchemaAtFit { get; }

    /// <summary>The input column, checked.</summary>
    DataViewSchema.Column ImageColumn(DataViewSchema schema);

    /// <summary>The input's columns, then Score, PredictedLabel and further ones.</summary>
    DataViewSchema GetOutputSchema(DataViewSchema inputSchema);

    /// <summary>Makes a scorer for one consumer.</summary>
    IBatchScorer CreateScorer();
}
