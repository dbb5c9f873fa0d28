using System.Globalization;
using System.Reflection;

namespace ServerlessTrace.Infra.Tests.Drift;

/// <summary>
/// What a host is told of a function: its name, and each parameter's binding with all of its settings. Attributes are read by their names, since
/// each host has types of its own.
/// </summary>
internal static class FunctionDeclaration
{
    /// <summary>The functions of classes, each as a line, in order.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<Type> classes) =>
    [
        .. (from type in classes
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            let function = method.GetCustomAttributes().SingleOrDefault(attribute => attribute.GetType().Name == "FunctionAttribute")
            where function is not null
            select Describe(method, function)).Order(StringComparer.Ordinal),
    ];

    private static string Describe(MethodInfo method, Attribute function)
    {
        IEnumerable<string> parameters = method.GetParameters().Select(parameter =>
            string.Join(' ', [.. parameter.GetCustomAttributes().Where(IsBinding).Select(Describe), parameter.ParameterType.Name, parameter.Name]));
        IEnumerable<string> others = method.GetCustomAttributes().Where(attribute => attribute != function && IsBinding(attribute)).Select(Describe);
        return $"{Value(function, "Name")}: {string.Join(' ', others)} {(method.IsStatic ? "static " : string.Empty)}{method.DeclaringType!.FullName}.{method.Name}({string.Join(", ", parameters)}) : {Name(method.ReturnType)}";
    }

    private static bool IsBinding(Attribute attribute) =>
        attribute.GetType().Namespace is { } name && (name.StartsWith("ServerlessTrace.FunctionModel", StringComparison.Ordinal) || name.StartsWith("Microsoft.Azure.Functions.", StringComparison.Ordinal));

    private static string Describe(Attribute attribute) => $"[{attribute.GetType().Name} {string.Join(' ', attribute.GetType()
        .GetProperties()
        .Where(property => property.Name != nameof(Attribute.TypeId))
        .OrderBy(property => property.Name, StringComparer.Ordinal)
        .Select(property => $"{property.Name}={Value(attribute, property.Name)}"))}]";

    private static string Value(Attribute attribute, string property) => attribute.GetType().GetProperty(property)!.GetValue(attribute) switch
    {
        null => "null",
        string[] texts => string.Join('|', texts),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type) => type.IsGenericType ? $"{type.Name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.Name;
}
