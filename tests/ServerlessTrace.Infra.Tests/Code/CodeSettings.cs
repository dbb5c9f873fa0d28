using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ServerlessTrace.Functions.Hosting;

namespace ServerlessTrace.Infra.Tests.Code;

/// <summary>The settings that the functions read, found by letting them read.</summary>
internal static class CodeSettings
{
    /// <summary>Each setting as an environment variable, with its default; settings without one, and lists, are left out.</summary>
    public static SortedDictionary<string, string> Read()
    {
        var configuration = new RecordedConfiguration();
        var services = new ServiceCollection();
        services.AddServerlessTrace(configuration);
        var settings = new SortedDictionary<string, string>(TimerSchedules.OnAzure.ToDictionary(), StringComparer.Ordinal);
        using ServiceProvider provider = services.BuildServiceProvider();
        foreach (Type options in services.Select(service => OptionsOf(service.ServiceType)).OfType<Type>().Distinct().Where(IsOurs))
        {
            configuration.Read.Clear();
            object defaults = Activator.CreateInstance(options)!;
            foreach (object configure in provider.GetServices(typeof(IConfigureOptions<>).MakeGenericType(options)).OfType<object>())
            {
                // Binding names each property's setting.
                configure.GetType().GetMethod(nameof(IConfigureNamedOptions<>.Configure), [typeof(string), options])!
                    .Invoke(configure, [Options.DefaultName, Activator.CreateInstance(options)]);
            }

            foreach (string path in configuration.Read)
            {
                string name = path[(path.LastIndexOf(':') + 1)..];
                if (options.GetProperty(name, BindingFlags.Public | BindingFlags.Instance)?.GetValue(defaults) is { } value && IsScalar(value.GetType()) && Text(value).Length > 0)
                {
                    settings[path.Replace(":", "__", StringComparison.Ordinal)] = Text(value);
                }
            }
        }

        return settings;
    }

    private static Type? OptionsOf(Type service) =>
        service.IsGenericType && service.GetGenericTypeDefinition() == typeof(IConfigureOptions<>) ? service.GetGenericArguments()[0] : null;

    private static bool IsOurs(Type options) => options.Namespace!.StartsWith("ServerlessTrace.", StringComparison.Ordinal);

    private static bool IsScalar(Type type) => type.IsPrimitive || type.IsEnum || type == typeof(TimeSpan) || type == typeof(string) || type == typeof(Uri);

    private static string Text(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
