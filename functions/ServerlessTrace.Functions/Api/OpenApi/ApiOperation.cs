using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessTrace.Functions.Api.OpenApi;

/// <summary>An HTTP function as callers see it.</summary>
/// <param name="Function">Its name.</param>
/// <param name="Method">In lower case.</param>
/// <param name="Path">With parameters in braces, from the root.</param>
/// <param name="Parameters">The parameters of the path, in order.</param>
/// <param name="NeedsKey">Whether a function key is asked for.</param>
internal sealed partial record ApiOperation(string Function, string Method, string Path, IReadOnlyList<string> Parameters, bool NeedsKey)
{
    /// <summary>All HTTP functions of an assembly, by path, then method.</summary>
    public static IReadOnlyList<ApiOperation> Of(System.Reflection.Assembly assembly) =>
    [
        .. assembly.GetTypes().SelectMany(static type => type.GetMethods()).SelectMany(Of)
            .OrderBy(static operation => operation.Path, StringComparer.Ordinal).ThenBy(static operation => operation.Method, StringComparer.Ordinal),
    ];

    private static IEnumerable<ApiOperation> Of(MethodInfo method)
    {
        if (method.GetCustomAttribute<FunctionAttribute>() is { } function
            && method.GetParameters().FirstOrDefault(static parameter => parameter.ParameterType == typeof(HttpRequest))?.GetCustomAttribute<HttpTriggerAttribute>() is { } trigger)
        {
            // The route of the page at the root has a parameter that is always empty.
            string route = EmptyParameter().Replace(trigger.Route ?? function.Name, string.Empty);
            string[] parameters = [.. RouteParameter().Matches(route).Select(static match => match.Groups[1].Value)];
            foreach (string verb in trigger.Methods ?? [])
            {
#pragma warning disable CA1308 // OpenAPI names methods in lower case.
                yield return new ApiOperation(function.Name, verb.ToLowerInvariant(), "/" + RouteParameter().Replace(route, "{$1}"), parameters, trigger.AuthLevel != AuthorizationLevel.Anonymous);
#pragma warning restore CA1308
            }
        }
    }

    [GeneratedRegex(@"\{\w+:maxlength\(0\)\?\}")]
    private static partial Regex EmptyParameter();

    [GeneratedRegex(@"\{\*{0,2}(\w+)[^}]*\}")]
    private static partial Regex RouteParameter();
}
