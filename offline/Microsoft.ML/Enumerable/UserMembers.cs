using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>The public fields and properties of a user's class, and the column types they stand for.</summary>
internal static class UserMembers
{
    public static IEnumerable<MemberInfo> Of(Type type, SchemaDefinition.Direction direction)
    {
        const BindingFlags PublicInstance = BindingFlags.Public | BindingFlags.Instance;
        bool read = (direction & SchemaDefinition.Direction.Read) != 0, write = (direction & SchemaDefinition.Direction.Write) != 0;
        var fields = type.GetFields(PublicInstance).Where(f => !write || !f.IsInitOnly);
        var properties = type.GetProperties(PublicInstance).Where(p =>
            p.GetIndexParameters().Length == 0 && (!read || p.GetMethod is { IsPublic: true }) && (!write || p.SetMethod is { IsPublic: true }));
        // A member that hides one of the base class stands before it.
        return fields.Cast<MemberInfo>().Concat(properties).DistinctBy(m => m.Name).Where(m => m.GetCustomAttribute<NoColumnAttribute>() == null);
    }

    public static Type TypeOf(MemberInfo member) => member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;

    public static string ColumnNameOf(MemberInfo member) => member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name;

    public static DataViewType ColumnTypeOf(MemberInfo member)
    {
        var type = TypeOf(member);
        if (CustomType(member, type) is { } custom) return custom;
        var keyAttribute = member.GetCustomAttribute<KeyTypeAttribute>();
        var vectorAttribute = member.GetCustomAttribute<VectorTypeAttribute>();
        var itemType = ItemTypeOf(type);
        var item = DataKinds.OfRawType(itemType ?? type) ?? throw new ArgumentException(
            $"Could not determine a column type for member {member.Name} of {member.DeclaringType}: {type} is none that a data view holds. Convert it, or mark the member [NoColumn].", "userType");
        if (keyAttribute != null)
        {
            if (!KeyDataViewType.IsValidDataType(item.RawType))
                throw new ArgumentException(
                    $"Member {member.Name} is marked [KeyType], but a key is byte, ushort, uint or ulong, not {item}.", "userType");
            item = new KeyDataViewType(item.RawType, keyAttribute.Count ?? KeyDataViewType.Largest(item.RawType));
        }
        if (itemType != null) return new VectorDataViewType(item, vectorAttribute?.Dimensions ?? [0]);
        return vectorAttribute == null ? item
            : throw new ArgumentException(
                $"Member {member.Name} is marked [VectorType], but {type} is neither an array nor a VBuffer.", "userType");
    }

    /// <summary>The item type of an array or VBuffer, else null.</summary>
    public static Type ItemTypeOf(Type type) => type.IsArray && type.GetArrayRank() == 1 ? type.GetElementType()
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>) ? type.GetGenericArguments()[0] : null;

    private static DataViewType CustomType(MemberInfo member, Type type)
    {
        var attributes = member.GetCustomAttributes<DataViewTypeAttribute>().ToList();
        if (attributes.Count > 1)
            throw new ArgumentException(
                $"Member {member.Name} has {attributes.Count} attributes that name a column type; one is allowed.", "userType");
        attributes.ForEach(a => a.Register());
        return DataViewTypeManager.Find(type, attributes.SingleOrDefault());
    }

    /// <summary>Whether values of a column can be held by a member: text by string too, vectors by arrays too.</summary>
    public static bool Holds(Type memberType, DataViewType columnType)
    {
        if (columnType is VectorDataViewType vector)
            return ItemTypeOf(memberType) is { } item && (item == vector.ItemType.RawType || (item == typeof(string) && vector.ItemType is TextDataViewType && memberType.IsArray));
        return memberType == columnType.RawType || (memberType == typeof(string) && columnType is TextDataViewType);
    }
}

/// <summary>A member together with the column it stands for.</summary>
internal sealed record BoundMember(MemberInfo Member, string ColumnName, DataViewType ColumnType, DataViewSchema.Annotations Annotations)
{
    public Type MemberType => UserMembers.TypeOf(Member);

    /// <summary>Binds a class by its attributes, or by a definition where one is given.</summary>
    public static BoundMember[] Bind(Type userType, SchemaDefinition definition, SchemaDefinition.Direction direction)
    {
        var members = UserMembers.Of(userType, direction).ToDictionary(m => m.Name);
        return [.. (definition ?? SchemaDefinition.Create(userType, direction)).Select(column =>
        {
            if (column.MemberName == null || !members.TryGetValue(column.MemberName, out var member))
                throw new ArgumentException(
                    $"{userType} has no public member '{column.MemberName}' as the schema definition says.", nameof(definition));
            var type = column.ColumnType ?? UserMembers.ColumnTypeOf(member);
            if (!UserMembers.Holds(UserMembers.TypeOf(member), type))
                throw new ArgumentException(
                    $"Member {member.Name} is {UserMembers.TypeOf(member)}, which does not hold values of {type}.", nameof(definition));
            return new BoundMember(member, string.IsNullOrEmpty(column.ColumnName) ? member.Name : column.ColumnName, type, column.Annotations);
        })];
    }

    /// <summary>The schema whose columns are these members, in order.</summary>
    public static DataViewSchema SchemaOf(IEnumerable<BoundMember> members)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var member in members) builder.AddColumn(member.ColumnName, member.ColumnType, member.Annotations);
        return builder.ToSchema();
    }
}
