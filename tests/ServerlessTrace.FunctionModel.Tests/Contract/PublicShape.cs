using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ServerlessTrace.FunctionModel.Tests.Contract;

/// <summary>Writes a type's public and protected shape as the official list does.</summary>
/// <param name="officialName">The full official name of a type of the model.</param>
internal sealed class PublicShape(Func<Type, string> officialName)
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // What the compiler writes into records, and equality, which the list leaves out on purpose.
    private static readonly HashSet<string> Plumbing =
        ["Equals", "GetHashCode", "op_Equality", "op_Inequality", "<Clone>$", "PrintMembers", "Deconstruct", "EqualityContract"];

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(double)] = "double",
    };

    // The list writes types of these namespaces without them.
    private static readonly HashSet<string> Implicit =
        ["System", "System.Collections.Generic", "System.Threading", "System.Threading.Tasks"];

    public static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => type.IsDefined(typeof(IsReadOnlyAttribute), false) ? "readonly struct" : "struct",
        _ when typeof(Delegate).IsAssignableFrom(type) => "sealed delegate",
        _ => (type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : string.Empty)
            + (IsRecord(type) ? "record class" : "class"),
    };

    public static bool IsPlumbing(MemberInfo member) =>
        Plumbing.Contains(member.Name)
        || (member is ConstructorInfo constructor && typeof(Delegate).IsAssignableFrom(constructor.DeclaringType));

    /// <summary>Every public and protected member the type itself declares, plumbing aside.</summary>
    public IEnumerable<OfficialMember> Members(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(field => new OfficialMember(field.Name, $"{field.Name} = {Literal(field.GetRawConstantValue())}"))
                .Prepend(new OfficialMember(string.Empty, $"underlying: {Name(Enum.GetUnderlyingType(type))}"));
        }

        return type.GetMembers(Declared).Where(member => !IsPlumbing(member)).Select(Describe).OfType<OfficialMember>();
    }

    public string Name(Type type) => Name(type, null);

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$", Declared) is not null;

    private OfficialMember? Describe(MemberInfo member) => member switch
    {
        ConstructorInfo { IsStatic: false } constructor when IsVisible(constructor) => new(
            ".ctor", $".ctor({Parameters(constructor)})  [{Access(constructor)} constructor]"),
        PropertyInfo property when Accessors(property) is [var first, ..] accessors => new(
            property.Name,
            $"{property.Name} : {Name(property.PropertyType, NullableAnnotations.Of(property))} "
            + $"{{ {string.Concat(accessors.Select(accessor => AccessorName(property, accessor) + "; "))}}}  [{Modifiers(first)} property]"),
        MethodInfo method when IsVisible(method) && !IsAccessor(method) => new(method.Name, Describe(method)),
        FieldInfo field when field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly => new(field.Name, Describe(field)),
        EventInfo @event => new(@event.Name, $"event {@event.Name}"),
        Type nested when nested.IsNestedPublic || nested.IsNestedFamily => new(nested.Name, $"nested {nested.Name}"),
        _ => null,
    };

    private string Describe(MethodInfo method)
    {
        var arguments = method.IsGenericMethodDefinition
            ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>"
            : string.Empty;
        return $"{method.Name}{arguments}({Parameters(method)}) : "
            + $"{Name(method.ReturnType, NullableAnnotations.Of(method.ReturnParameter))}  [{Modifiers(method)} method]{Constraints(method)}";
    }

    private string Describe(FieldInfo field)
    {
        var access = field.IsPublic ? "public" : "protected";
        var type = Name(field.FieldType, NullableAnnotations.Of(field));
        return field.IsLiteral
            ? $"{field.Name} : {type}  [{access} const field] = {Literal(field.GetRawConstantValue())}"
            : $"{field.Name} : {type}  [{access}{(field.IsStatic ? " static" : string.Empty)} field]";
    }

    private string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        (parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : string.Empty)
        + (parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : string.Empty)
        + $"{Name(parameter.ParameterType, NullableAnnotations.Of(parameter))} {parameter.Name}{Default(parameter)}"));

    private static string Default(ParameterInfo parameter) => parameter switch
    {
        { HasDefaultValue: false } => string.Empty,
        { DefaultValue: null } when parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null =>
            " = default",
        _ => $" = {Literal(parameter.DefaultValue)}",
    };

    private static string Literal(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        string text => $"\"{text}\"",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private string Constraints(MethodInfo method) => string.Concat(method.GetGenericArguments().Select(argument =>
    {
        var special = argument.GenericParameterAttributes & GenericParameterAttributes.SpecialConstraintMask;
        List<string> constraints = [.. argument.GetGenericParameterConstraints().Select(Name)];
        if (special != GenericParameterAttributes.None)
        {
            constraints.Insert(0, special.ToString());
        }

        return constraints.Count == 0 ? string.Empty : $" where {argument.Name} : {string.Join(", ", constraints)}";
    }));

    private string Name(Type type, NullableAnnotations? annotations)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!, annotations);
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Name(underlying, annotations) + "?";
        }

        // Plain value types have no annotation of their own; generic ones have an empty one.
        var annotated = (!type.IsValueType || type.IsGenericType) && annotations is not null && annotations.NextIsNullable();
        return Unannotated(type, annotations) + (annotated ? "?" : string.Empty);
    }

    private string Unannotated(Type type, NullableAnnotations? annotations)
    {
        if (type.IsArray)
        {
            return Name(type.GetElementType()!, annotations) + "[]";
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword;
        }

        var simple = type.IsGenericType ? type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] : type.Name;
        var arguments = type.IsGenericType
            ? $"<{string.Join(", ", type.GetGenericArguments().Select(argument => Name(argument, annotations)))}>"
            : string.Empty;
        return (Implicit.Contains(type.Namespace!) ? simple : type.IsGenericType ? $"{type.Namespace}.{simple}" : officialName(type)) + arguments;
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsAccessor(MethodInfo method) =>
        method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static MethodInfo[] Accessors(PropertyInfo property) => [.. property.GetAccessors(true).Where(IsVisible)];

    private static string AccessorName(PropertyInfo property, MethodInfo accessor)
    {
        var isWidest = accessor.IsPublic || Accessors(property).All(other => !other.IsPublic);
        var isInit = accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
        return (isWidest ? string.Empty : "protected ") + (accessor == property.GetMethod ? "get" : isInit ? "init" : "set");
    }

    private static string Access(MethodBase method) => method.IsPublic ? "public" : "protected";

    private static string Modifiers(MethodInfo method) => Access(method) + method switch
    {
        { IsStatic: true } => " static",
        { IsAbstract: true } => " abstract",
        { IsVirtual: true } when method.GetBaseDefinition() != method => method.IsFinal ? " sealed override" : " override",
        { IsVirtual: true, IsFinal: false } => " virtual",
        _ => string.Empty,
    };
}
