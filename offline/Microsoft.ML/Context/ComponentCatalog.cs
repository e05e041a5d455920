using System.Collections.Concurrent;
using System.Reflection;

namespace Microsoft.ML
{
    /// <summary>Marks a class that a model file names by a contract rather than by its assembly.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public abstract class ExtensionBaseAttribute : Attribute
    {
        private protected ExtensionBaseAttribute(string contractName)
        {
            ArgumentException.ThrowIfNullOrEmpty(contractName);
            ContractName = contractName;
        }

        public string ContractName { get; }
    }
}

namespace Microsoft.ML.Runtime
{
    /// <summary>The components that model files can name.</summary>
    public sealed class ComponentCatalog
    {
        private readonly ConcurrentDictionary<Assembly, bool> _registered = new();
        private readonly ConcurrentDictionary<(Type Signature, string Name), LoadableClassAttribute> _loadable = new();
        private readonly ConcurrentDictionary<(Type Attribute, string Contract), Type> _extensions = new();

        internal ComponentCatalog() { }

        /// <summary>Makes an assembly's components known. Loading a model does so by itself for the assemblies it names,
        /// but not for those that hold only contracts (custom mappings).</summary>
        public void RegisterAssembly(Assembly assembly, bool throwOnError = true)
        {
            ArgumentNullException.ThrowIfNull(assembly);
            if (_registered.ContainsKey(assembly)) return;
            try
            {
                foreach (var attribute in assembly.GetCustomAttributes<LoadableClassAttribute>())
                    foreach (var signature in attribute.Signatures)
                        foreach (var name in attribute.LoadNames)
                            _loadable[(signature, Key(name))] = attribute;
                foreach (var type in assembly.GetTypes())
                    foreach (var attribute in type.GetCustomAttributes<ExtensionBaseAttribute>(inherit: false))
                        _extensions[(attribute.GetType(), attribute.ContractName)] = type;
                _registered[assembly] = true;
            }
            catch (Exception e) when (!throwOnError && e is ReflectionTypeLoadException or IOException or TypeLoadException) { }
        }

        internal bool TryFindLoadable(Type signature, string name, out LoadableClassAttribute attribute) =>
            _loadable.TryGetValue((signature, Key(name)), out attribute);

        /// <summary>The class that carries an attribute of that type with that contract.</summary>
        internal bool TryFindExtension(Type attributeType, string contractName, out Type type) =>
            _extensions.TryGetValue((attributeType, contractName), out type);

        // Names are compared without regard to case and blanks.
        private static string Key(string name) => string.Concat(name.Where(c => !char.IsWhiteSpace(c))).ToLowerInvariant();
    }
}
