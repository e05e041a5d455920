using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Transforms
{
    /// <summary>Adds columns by a user's own function.</summary>
    public sealed class CustomMappingEstimator<TSrc, TDst> : TrivialEstimator<CustomMappingTransformer<TSrc, TDst>>
        where TSrc : class, new()
        where TDst : class, new()
    {
        internal CustomMappingEstimator(IHostEnvironment env, Action<TSrc, TDst> mapAction, string contractName,
            SchemaDefinition inputSchemaDefinition, SchemaDefinition outputSchemaDefinition)
            : base(env.Register(nameof(CustomMappingEstimator<TSrc, TDst>)),
                new CustomMappingTransformer<TSrc, TDst>(env, mapAction, contractName, inputSchemaDefinition, outputSchemaDefinition))
        { }

        public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            foreach (var member in Transformer.Inputs)
            {
                var column = inputSchema.Find(member.ColumnName);
                var vector = member.ColumnType is VectorDataViewType;
                if (vector != (column.Kind != SchemaShape.Column.VectorKind.Scalar))
                    throw SchemaFault.Mismatch("input", column.Name, member.ColumnType.ToString(), column.GetTypeString());
            }
            return inputSchema.With(SchemaShape.Create(Transformer.Added));
        }
    }
}

namespace Microsoft.ML
{
    /// <summary>Transforms by a user's own function.</summary>
    public static class CustomMappingCatalog
    {
        /// <param name="catalog">The transforms.</param>
        /// <param name="mapAction">Fills the output object from the input object; both are used again for the next row. It may be called from
        /// several threads, each with objects of its own.</param>
        /// <param name="contractName">The name under which a factory makes the function again; without one the model cannot be saved.</param>
        /// <param name="inputSchemaDefinition">How the input class binds to columns, where its attributes do not say.</param>
        /// <param name="outputSchemaDefinition">The same for the output class.</param>
        public static CustomMappingEstimator<TSrc, TDst> CustomMapping<TSrc, TDst>(this TransformsCatalog catalog, Action<TSrc, TDst> mapAction, string contractName,
            SchemaDefinition inputSchemaDefinition = null, SchemaDefinition outputSchemaDefinition = null)
            where TSrc : class, new()
            where TDst : class, new() =>
            new(catalog.GetEnvironment(), mapAction, contractName, inputSchemaDefinition, outputSchemaDefinition);
    }
}
