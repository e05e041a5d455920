using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Reads and writes one member of a class without boxing.</summary>
internal static class MemberAccess<TRow, TMember>
{
    private static readonly ConcurrentDictionary<MemberInfo, Func<TRow, TMember>> Readers = new();
    private static readonly ConcurrentDictionary<MemberInfo, Action<TRow, TMember>> Writers = new();

    public static Func<TRow, TMember> Reader(MemberInfo member) => Readers.GetOrAdd(member, static m =>
    {
        if (m is PropertyInfo { GetMethod: not { IsPublic: true } }) return _ => default; // write-only: nothing to use again
        var row = Expression.Parameter(typeof(TRow));
        return Expression.Lambda<Func<TRow, TMember>>(Expression.MakeMemberAccess(row, m), row).Compile();
    });

    public static Action<TRow, TMember> Writer(MemberInfo member) => Writers.GetOrAdd(member, static m =>
    {
        var row = Expression.Parameter(typeof(TRow));
        var value = Expression.Parameter(typeof(TMember));
        return Expression.Lambda<Action<TRow, TMember>>(Expression.Assign(Expression.MakeMemberAccess(row, m), value), row, value).Compile();
    });
}
