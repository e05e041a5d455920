namespace Microsoft.ML.Data;

/// <summary>Getters that deliver a member of the object which stands for the present row.</summary>
/// <remarks>Used by LoadFromEnumerable, PredictionEngine's input and the output of custom mappings.</remarks>
internal static class MemberGetters
{
    /// <summary>A <c>ValueGetter</c> of the column's raw type. A key member counts from 0 in the object, its getter from 1.</summary>
    public static Delegate Create<TRow>(BoundMember member, Func<TRow> current)
    {
        var (memberType, columnType) = (member.MemberType, member.ColumnType);
        var (name, type) = columnType switch
        {
            VectorDataViewType when memberType == typeof(string[]) => (nameof(Texts), null),
            VectorDataViewType when memberType.IsArray => (nameof(Array), memberType.GetElementType()),
            VectorDataViewType vector => (nameof(Vector), vector.ItemType.RawType),
            KeyDataViewType => ($"Key{memberType.Name}", null),
            TextDataViewType when memberType == typeof(string) => (nameof(Text), null),
            _ => (nameof(Same), memberType),
        };
        Type[] types = type == null ? [typeof(TRow)] : [typeof(TRow), type];
        return (Delegate)TypedCall.Invoke(typeof(MemberGetters), name, null, types, member, current);
    }

    private static ValueGetter<T> Same<TRow, T>(BoundMember member, Func<TRow> current)
    {
        var read = MemberAccess<TRow, T>.Reader(member.Member);
        return (ref T value) => value = read(current());
    }

    private static ValueGetter<ReadOnlyMemory<char>> Text<TRow>(BoundMember member, Func<TRow> current)
    {
        var read = MemberAccess<TRow, string>.Reader(member.Member);
        return (ref ReadOnlyMemory<char> value) => value = read(current()).AsMemory(); // null: empty
    }

    private static ValueGetter<VBuffer<ReadOnlyMemory<char>>> Texts<TRow>(BoundMember member, Func<TRow> current)
    {
        var read = MemberAccess<TRow, string[]>.Reader(member.Member);
        return (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            var array = read(current()) ?? [];
            CheckLength(member, array.Length);
            var editor = VBufferEditor.Create(ref value, array.Length);
            for (int i = 0; i < array.Length; i++) editor.Values[i] = array[i].AsMemory();
            value = editor.Commit();
        };
    }

    private static ValueGetter<VBuffer<T>> Array<TRow, T>(BoundMember member, Func<TRow> current)
    {
        var read = MemberAccess<TRow, T[]>.Reader(member.Member);
        return (ref VBuffer<T> value) =>
        {
            var array = read(current()) ?? [];
            CheckLength(member, array.Length);
            VBuffer<T>.Copy(array, 0, ref value, array.Length);
        };
    }

    private static ValueGetter<VBuffer<T>> Vector<TRow, T>(BoundMember member, Func<TRow> current)
    {
        var read = MemberAccess<TRow, VBuffer<T>>.Reader(member.Member);
        return (ref VBuffer<T> value) =>
        {
            var vector = read(current());
            CheckLength(member, vector.Length);
            vector.CopyTo(ref value);
        };
    }

    // 0-based outside, 1-based inside; what is out of range is missing.
    private static ValueGetter<byte> KeyByte<TRow>(BoundMember member, Func<TRow> current)
    {
        var (read, count) = (MemberAccess<TRow, byte>.Reader(member.Member), CountOf(member));
        return (ref byte value) => value = read(current()) is var v && v < count ? (byte)(v + 1) : (byte)0;
    }

    private static ValueGetter<ushort> KeyUInt16<TRow>(BoundMember member, Func<TRow> current)
    {
        var (read, count) = (MemberAccess<TRow, ushort>.Reader(member.Member), CountOf(member));
        return (ref ushort value) => value = read(current()) is var v && v < count ? (ushort)(v + 1) : (ushort)0;
    }

    private static ValueGetter<uint> KeyUInt32<TRow>(BoundMember member, Func<TRow> current)
    {
        var (read, count) = (MemberAccess<TRow, uint>.Reader(member.Member), CountOf(member));
        return (ref uint value) => value = read(current()) is var v && v < count ? v + 1 : 0;
    }

    private static ValueGetter<ulong> KeyUInt64<TRow>(BoundMember member, Func<TRow> current)
    {
        var (read, count) = (MemberAccess<TRow, ulong>.Reader(member.Member), CountOf(member));
        return (ref ulong value) => value = read(current()) is var v && v < count ? v + 1 : 0;
    }

    private static ulong CountOf(BoundMember member) => ((KeyDataViewType)member.ColumnType).Count;

    private static void CheckLength(BoundMember member, int length)
    {
        if (member.ColumnType is VectorDataViewType { IsKnownSize: true } vector && vector.Size != length)
            throw new InvalidOperationException(
                $"Member {member.Member.Name} holds {length} values; its column '{member.ColumnName}' is {vector}.");
    }
}
