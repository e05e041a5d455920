using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.ViTPruning.Data;
using MLNet.ViTPruning.Imaging;
using MLNet.ViTPruning.ModelFiles;

namespace MLNet.ViTPruning.Components;

/// <summary>The columns a scoring stage adds, with their annotations, as a schema and as a schema's shape.</summary>
internal static class ScoringColumns
{
    private const string SlotNames = "SlotNames";
    private const string KeyValues = "KeyValues";
    private const string TrainingLabelValues = "TrainingLabelValues";
    private const string ScoreColumnKind = "ScoreColumnKind";
    private const string ScoreValueKind = "ScoreValueKind";
    private const string ScoreColumnSetId = "ScoreColumnSetId";

    private static readonly KeyDataViewType SetIdType = new(typeof(uint), uint.MaxValue);

    /// <summary>The input column, checked.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of another type.</exception>
    public static DataViewSchema.Column Image(DataViewSchema schema, ScoringSettings settings, ImagePreprocessor preprocessor)
    {
        var column = schema.GetColumnOrNull(settings.ImageColumnName)
            ?? throw new ArgumentOutOfRangeException("inputSchema", $"Could not find input column '{settings.ImageColumnName}'");
        ImageColumnKinds.Of(column, preprocessor.ImageSize);
        return column;
    }

    /// <summary>The input's columns, then Score, PredictedLabel and the further ones.</summary>
    public static DataViewSchema Append(DataViewSchema input, ScoringSettings settings, ViTModel model, IReadOnlyList<string> labelNames)
    {
        var names = labelNames.Select(name => name.AsMemory()).ToArray();
        var namesType = new VectorDataViewType(TextDataViewType.Instance, names.Length);
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getNames = (ref VBuffer<ReadOnlyMemory<char>> value) => value = new(names.Length, names);

        var score = new DataViewSchema.Annotations.Builder();
        score.Add(SlotNames, namesType, getNames);
        score.Add(TrainingLabelValues, namesType, getNames);
        score.AddPrimitiveValue(ScoreColumnKind, TextDataViewType.Instance, "MulticlassClassification".AsMemory());
        score.AddPrimitiveValue(ScoreValueKind, TextDataViewType.Instance, "Score".AsMemory());
        uint setId = NextSetId(input);
        score.AddPrimitiveValue(ScoreColumnSetId, SetIdType, setId);
        score.Add(ViTModelDataViewType.AnnotationKind, ViTModelDataViewType.Instance, (ref ViTModel value) => value = model);

        var predicted = new DataViewSchema.Annotations.Builder();
        predicted.Add(KeyValues, namesType, getNames);
        predicted.AddPrimitiveValue(ScoreColumnKind, TextDataViewType.Instance, "MulticlassClassification".AsMemory());
        predicted.AddPrimitiveValue(ScoreValueKind, TextDataViewType.Instance, "PredictedLabel".AsMemory());
        predicted.AddPrimitiveValue(ScoreColumnSetId, SetIdType, setId);

        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        builder.AddColumn(settings.ScoreColumnName, new VectorDataViewType(NumberDataViewType.Single, names.Length), score.ToAnnotations());
        builder.AddColumn(settings.PredictedLabelColumnName, new KeyDataViewType(typeof(uint), names.Length), predicted.ToAnnotations());
        foreach (var (column, name) in settings.SkipColumns?.Wanted ?? []) builder.AddColumn(name, settings.SkipColumns!.TypeOf(column));
        return builder.ToSchema();
    }

    /// <summary>The shape of that schema: columns of the same name are replaced.</summary>
    public static SchemaShape Append(SchemaShape input, ScoringSettings settings)
    {
        var vector = SchemaShape.Column.VectorKind.Vector;
        var scalar = SchemaShape.Column.VectorKind.Scalar;
        SchemaShape.Column Names(string kind) => MLNetInternals.Column(kind, vector, TextDataViewType.Instance, isKey: false);
        SchemaShape.Column[] shared =
        [
            MLNetInternals.Column(ScoreColumnKind, scalar, TextDataViewType.Instance, isKey: false),
            MLNetInternals.Column(ScoreValueKind, scalar, TextDataViewType.Instance, isKey: false),
            MLNetInternals.Column(ScoreColumnSetId, scalar, NumberDataViewType.UInt32, isKey: true),
        ];
        var model = MLNetInternals.Column(ViTModelDataViewType.AnnotationKind, scalar, ViTModelDataViewType.Instance, isKey: false);
        var score = MLNetInternals.Column(settings.ScoreColumnName, vector, NumberDataViewType.Single, isKey: false,
            new SchemaShape([Names(SlotNames), Names(TrainingLabelValues), .. shared, model]));
        var predicted = MLNetInternals.Column(settings.PredictedLabelColumnName, scalar, NumberDataViewType.UInt32, isKey: true,
            new SchemaShape([Names(KeyValues), .. shared]));
        return new SchemaShape(input.Where(column => column.Name != score.Name && column.Name != predicted.Name).Append(score).Append(predicted));
    }

    /// <summary>The shape where the further columns stand behind an earlier stage's: those of the same name are replaced.</summary>
    public static SchemaShape Append(SchemaShape input, SkipColumns columns)
    {
        var wanted = columns.Wanted.Select(c => MLNetInternals.Column(
            c.Name,
            c.Column == SkipColumn.SkipMap ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.Scalar,
            c.Column == SkipColumn.SkipMap ? BooleanDataViewType.Instance : columns.TypeOf(c.Column),
            isKey: false)).ToList();
        return new SchemaShape(input.Where(column => wanted.TrueForAll(w => w.Name != column.Name)).Concat(wanted));
    }

    // Evaluators tell the stages of a chain apart by this number; it rises from stage to stage.
    private static uint NextSetId(DataViewSchema schema)
    {
        uint last = 0;
        foreach (var column in schema)
        {
            if (column.Annotations.Schema.GetColumnOrNull(ScoreColumnSetId)?.Type is not KeyDataViewType { RawType: var type } || type != typeof(uint)) continue;
            uint id = 0;
            column.Annotations.GetValue(ScoreColumnSetId, ref id);
            last = Math.Max(last, id);
        }
        return last + 1;
    }
}
