using System.Reflection;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Azure.Functions.Worker;
using ServerlessTrace.Functions.Hosting;
using ServerlessTrace.Storage;

namespace ServerlessTrace.Infra.Tests.Code;

/// <summary>The tables, containers and queues that the code uses, as its clients and triggers name them.</summary>
internal static class CodeStorage
{
    private const string Emulator = "UseDevelopmentStorage=true";

    private static readonly StorageClients Clients = new(new TableServiceClient(Emulator), new BlobServiceClient(Emulator), new QueueServiceClient(Emulator));

    public static IReadOnlyList<string> Tables => Sorted(Values<TableClient>().Select(table => table.Name));

    public static IReadOnlyList<string> Containers => Sorted(Values<BlobContainerClient>().Select(container => container.Name));

    /// <summary>Poison queues are made by the host when the first message goes there, which an alert on them should not depend on.</summary>
    public static IReadOnlyList<string> Queues
    {
        get
        {
            string[] triggers = [.. Triggers<QueueTriggerAttribute>().Select(trigger => trigger.Trigger.QueueName)];
            return Sorted([.. Values<QueueClient>().Select(queue => queue.Name), .. triggers, .. triggers.Select(name => $"{name}-poison")]);
        }
    }

    /// <summary>The constants of <see cref="StorageNames"/>.</summary>
    public static IEnumerable<string> Names => typeof(StorageNames).GetFields().Where(name => name.IsLiteral).Select(name => (string)name.GetRawConstantValue()!);

    /// <summary>The functions with a kind of trigger.</summary>
    public static IEnumerable<(string Function, T Trigger)> Triggers<T>()
        where T : Attribute =>
        from type in typeof(ServerlessTraceServices).Assembly.GetTypes()
        from method in type.GetMethods()
        let function = method.GetCustomAttribute<FunctionAttribute>()
        where function is not null
        from parameter in method.GetParameters()
        from trigger in parameter.GetCustomAttributes<T>()
        select (function.Name, trigger);

    private static IEnumerable<T> Values<T>() => typeof(StorageClients).GetProperties()
        .Where(property => property.PropertyType == typeof(T)).Select(property => (T)property.GetValue(Clients)!);

    private static IReadOnlyList<string> Sorted(IEnumerable<string> names) => [.. names.Distinct().Order(StringComparer.Ordinal)];
}
