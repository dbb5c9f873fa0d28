using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessTrace.LocalHost.Invocation;

/// <summary>Finds the functions of classes by their attributes.</summary>
internal static class FunctionCatalog
{
    private static readonly Type[] Triggers =
    [
        typeof(HttpTriggerAttribute), typeof(QueueTriggerAttribute), typeof(BlobTriggerAttribute), typeof(TimerTriggerAttribute),
        typeof(OrchestrationTriggerAttribute), typeof(ActivityTriggerAttribute),
    ];

    /// <exception cref="HostStartException">Two functions share a name, or one has not exactly one trigger.</exception>
    public static IReadOnlyList<HostedFunction> Find(IEnumerable<Type> classes)
    {
        HostedFunction[] found = [.. classes.Distinct().SelectMany(MethodsOf).Select(Define)];
        foreach (IGrouping<string, HostedFunction> same in found.GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase))
        {
            if (same.Count() > 1)
            {
                throw new HostStartException($"Two functions are named '{same.Key}': {string.Join(", ", same.Select(function => function.Place))}.");
            }
        }

        return found;
    }

    private static IEnumerable<(MethodInfo Method, string Name)> MethodsOf(Type type) =>
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        let function = method.GetCustomAttribute<FunctionAttribute>()
        where function is not null
        select (method, function.Name);

    private static HostedFunction Define((MethodInfo Method, string Name) function)
    {
        (ParameterInfo Parameter, Attribute Trigger)[] triggers =
        [
            .. from parameter in function.Method.GetParameters()
               from attribute in parameter.GetCustomAttributes()
               where Triggers.Contains(attribute.GetType())
               select (parameter, attribute),
        ];
        return triggers is [var only]
            ? new HostedFunction(function.Name, function.Method, only.Parameter, only.Trigger)
            : throw new HostStartException(
                $"The function '{function.Name}' ({function.Method.DeclaringType!.Name}.{function.Method.Name}) must have exactly one trigger, not {triggers.Length}.");
    }
}
