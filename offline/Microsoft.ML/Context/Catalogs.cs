using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data
{
    /// <summary>A catalog gives extension methods its environment.</summary>
    internal interface IInternalCatalog
    {
        IHostEnvironment Environment { get; }
    }

    internal static class CatalogUtils
    {
        public static IHostEnvironment GetEnvironment(this IInternalCatalog catalog)
        {
            ArgumentNullException.ThrowIfNull(catalog);
            return catalog.Environment;
        }
    }
}

namespace Microsoft.ML
{
    /// <summary>Transforms; extension methods add them.</summary>
    public sealed partial class TransformsCatalog : IInternalCatalog
    {
        private readonly IHostEnvironment _env;

        internal TransformsCatalog(IHostEnvironment env)
        {
            _env = env;
            Categorical = new(env);
            Conversion = new(env);
            Text = new(env);
            FeatureSelection = new(env);
        }

        IHostEnvironment IInternalCatalog.Environment => _env;

        public CategoricalTransforms Categorical { get; }
        public ConversionTransforms Conversion { get; }
        public TextTransforms Text { get; }
        public FeatureSelectionTransforms FeatureSelection { get; }

        public sealed class CategoricalTransforms : IInternalCatalog
        {
            private readonly IHostEnvironment _env;
            internal CategoricalTransforms(IHostEnvironment env) => _env = env;
            IHostEnvironment IInternalCatalog.Environment => _env;
        }

        public sealed class ConversionTransforms : IInternalCatalog
        {
            private readonly IHostEnvironment _env;
            internal ConversionTransforms(IHostEnvironment env) => _env = env;
            IHostEnvironment IInternalCatalog.Environment => _env;
        }

        public sealed class TextTransforms : IInternalCatalog
        {
            private readonly IHostEnvironment _env;
            internal TextTransforms(IHostEnvironment env) => _env = env;
            IHostEnvironment IInternalCatalog.Environment => _env;
        }

        public sealed class FeatureSelectionTransforms : IInternalCatalog
        {
            private readonly IHostEnvironment _env;
            internal FeatureSelectionTransforms(IHostEnvironment env) => _env = env;
            IHostEnvironment IInternalCatalog.Environment => _env;
        }
    }
}
