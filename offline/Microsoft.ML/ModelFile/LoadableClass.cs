using System.Reflection;

namespace Microsoft.ML;

/// <summary>The signature of components that are loaded from a model file.</summary>
internal delegate void SignatureLoadModel(ModelLoadContext ctx);

/// <summary>Says, on an assembly, which class a name in a model file stands for.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal abstract class LoadableClassAttributeBase : Attribute
{
    private protected LoadableClassAttributeBase(string summary, Type instType, Type loaderType, Type argType, Type[] sigTypes, string userName, string[] loadNames)
    {
        Summary = summary;
        InstanceType = instType ?? throw new ArgumentNullException(nameof(instType));
        LoaderType = loaderType ?? throw new ArgumentNullException(nameof(loaderType));
        ArgType = argType;
        Signatures = sigTypes ?? throw new ArgumentNullException(nameof(sigTypes));
        UserName = userName;
        LoadNames = loadNames is { Length: > 0 } ? loadNames : [userName];
    }

    public string Summary { get; }
    public Type InstanceType { get; }
    public Type LoaderType { get; }
    public Type ArgType { get; }
    public IReadOnlyList<Type> Signatures { get; }
    public string UserName { get; }
    public IReadOnlyList<string> LoadNames { get; }
}

/// <inheritdoc/>
internal sealed class LoadableClassAttribute : LoadableClassAttributeBase
{
    public LoadableClassAttribute(Type instType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(null, instType, instType, argType, [sigType], userName, loadNames) { }

    public LoadableClassAttribute(Type instType, Type loaderType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(null, instType, loaderType, argType, [sigType], userName, loadNames) { }

    public LoadableClassAttribute(Type instType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(null, instType, instType, argType, sigTypes, userName, loadNames) { }

    public LoadableClassAttribute(Type instType, Type loaderType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(null, instType, loaderType, argType, sigTypes, userName, loadNames) { }

    public LoadableClassAttribute(string summary, Type instType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(summary, instType, instType, argType, [sigType], userName, loadNames) { }

    public LoadableClassAttribute(string summary, Type instType, Type loaderType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(summary, instType, loaderType, argType, [sigType], userName, loadNames) { }

    public LoadableClassAttribute(string summary, Type instType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(summary, instType, instType, argType, sigTypes, userName, loadNames) { }

    public LoadableClassAttribute(string summary, Type instType, Type loaderType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(summary, instType, loaderType, argType, sigTypes, userName, loadNames) { }

    /// <summary>Makes the component: by the static method Create(env, ctx) of the loader type, else by such a constructor.</summary>
    internal object Create(Runtime.IHostEnvironment env, ModelLoadContext ctx)
    {
        const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DoNotWrapExceptions;
        foreach (var (types, arguments) in new (Type[], object[])[]
            { ([typeof(Runtime.IHostEnvironment), typeof(ModelLoadContext)], [env, ctx]), ([typeof(ModelLoadContext)], [ctx]) })
        {
            if (LoaderType.GetMethod("Create", Any | BindingFlags.Static | BindingFlags.FlattenHierarchy, types) is { } create
                && InstanceType.IsAssignableFrom(create.ReturnType))
                return create.Invoke(null, Any, null, arguments, null);
            if (InstanceType.IsAssignableFrom(LoaderType) && LoaderType.GetConstructor(Any | BindingFlags.Instance, types) is { } constructor)
                return constructor.Invoke(Any, null, arguments, null);
        }
        throw new InvalidOperationException(
            $"{LoaderType} has neither a static method Create(IHostEnvironment, ModelLoadContext) nor such a constructor.");
    }
}
