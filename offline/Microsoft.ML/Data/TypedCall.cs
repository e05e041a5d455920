using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Calls generic code with a type that is known only at run time.</summary>
internal static class TypedCall
{
    /// <summary>Invokes the generic method <paramref name="name"/> of <paramref name="owner"/> with <paramref name="type"/> (or types) as
    /// its type arguments.</summary>
    public static object Invoke(Type owner, string name, object target, Type[] types, params object[] arguments)
    {
        var method = owner.GetMethod(name, BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            ?? throw new MissingMethodException(owner.Name, name);
        return method.MakeGenericMethod(types).Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    /// <summary>The getter of a column as an untyped delegate.</summary>
    public static Delegate GetGetterUntyped(this DataViewRow row, DataViewSchema.Column column) =>
        (Delegate)Invoke(typeof(TypedCall), nameof(Typed), null, [column.Type.RawType], row, column);

    private static ValueGetter<T> Typed<T>(DataViewRow row, DataViewSchema.Column column) => row.GetGetter<T>(column);
}
