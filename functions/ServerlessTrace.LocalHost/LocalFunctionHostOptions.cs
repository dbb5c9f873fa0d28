using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.LocalHost.Configuration;
using ServerlessTrace.LocalHost.Triggers.Http;

namespace ServerlessTrace.LocalHost;

/// <summary>What a <see cref="LocalFunctionHost"/> runs, and on what.</summary>
public sealed class LocalFunctionHostOptions
{
    /// <summary>The setting that names the storage account.</summary>
    public const string StorageSetting = "AzureWebJobsStorage";

    /// <summary>The connection string of the storage account.</summary>
    public required string StorageConnectionString { get; init; }

    /// <summary>The classes whose functions are run; see <see cref="AddFunctionsOf"/>.</summary>
    public IList<Type> FunctionClasses { get; } = [];

    /// <summary>Registers the services of the functions. Clients of the storage account are registered before.</summary>
    public Action<IServiceCollection, IConfiguration> ConfigureServices { get; init; } = static (_, _) => { };

    /// <summary>Settings, besides environment variables, which they override.</summary>
    public IDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adjusts logging; only warnings and worse go to the console by default.</summary>
    public Action<ILoggingBuilder> ConfigureLogging { get; init; } = static _ => { };

    /// <summary>The settings of <c>host.json</c>.</summary>
    public HostJson HostJson { get; init; } = new();

    /// <summary>The loopback port of HTTP functions; 0 for a free one.</summary>
    public int Port { get; init; } = 7071;

    /// <summary>The keys of HTTP functions.</summary>
    public FunctionKeys Keys { get; init; } = FunctionKeys.Generate();

    /// <summary>The most bytes of a request's body.</summary>
    public long MaxRequestBodyBytes { get; init; } = 100L << 20;

    /// <summary>
    /// Lower-case letters and digits that tell apps on one storage account apart: hosts that share it share the work.
    /// </summary>
    public string HostId { get; init; } = "serverlesstrace";

    /// <summary>How long running functions may go on when the host stops.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Why nothing may be taken in now, for the caller to read; null when it may.</summary>
    public Func<string?> IntakeRefusal { get; init; } = static () => null;

    /// <summary>Where orchestrations are kept.</summary>
    public DurableBackend Durable { get; set; }

    /// <summary>For tests: the durable timers of orchestrations fire this much late, or, where negative, early.</summary>
    public TimeSpan TimerSkew { get; set; }

    /// <summary>The clock of timers and of the table that keeps orchestrations.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Adds every class of an assembly that has functions.</summary>
    public LocalFunctionHostOptions AddFunctionsOf(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        foreach (Type type in assembly.GetTypes())
        {
            if (type.IsClass && type.GetMethods().Any(method => method.IsDefined(typeof(FunctionAttribute))))
            {
                FunctionClasses.Add(type);
            }
        }

        return this;
    }
}
