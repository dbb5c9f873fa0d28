using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>
/// What a dependency's type says, as Application Insights' SDKs and the Azure Monitor exporters of OpenTelemetry write it
/// (Azure/azure-sdk-for-net, <c>Azure.Monitor.OpenTelemetry.Exporter</c>, <c>TraceHelper</c> and <c>AzMonListExtensions</c>).
/// </summary>
/// <param name="Kind">The span's kind.</param>
/// <param name="DatabaseSystem">The <c>db.system</c>; empty for no database.</param>
/// <param name="IsHttp">Whether its result code is HTTP's.</param>
internal readonly record struct AzureDependency(SpanKind Kind, string DatabaseSystem, bool IsHttp)
{
    /// <summary>What <c>Data</c> is.</summary>
    public ReadOnlySpan<byte> DataAttribute => DatabaseSystem.Length > 0 ? "db.query.text"u8 : IsHttp ? "url.full"u8 : "azure.data"u8;

    /// <summary>What a type says.</summary>
    public static AzureDependency Of(ReadOnlySpan<byte> type)
    {
        if (type.StartsWith("InProc"u8))
        {
            return new AzureDependency(SpanKind.Internal, string.Empty, IsHttp: false);
        }

        if (type.StartsWith("Queue Message"u8))
        {
            return new AzureDependency(SpanKind.Producer, string.Empty, IsHttp: false);
        }

        string name = type.Length <= 32 ? Encoding.UTF8.GetString(type).ToUpperInvariant() : string.Empty;
        string database = name switch
        {
            "SQL" => "mssql",
            "MYSQL" => "mysql",
            "POSTGRESQL" => "postgresql",
            "MONGODB" => "mongodb",
            "REDIS" => "redis",
            "ORACLE" => "oracle",
            "CASSANDRA" => "cassandra",
            "SQLITE" => "sqlite",
            "AZURE DOCUMENTDB" or "AZURE COSMOS DB" or "MICROSOFT.DOCUMENTDB" => "cosmosdb",
            _ => string.Empty,
        };

        bool isHttp = name is "HTTP" or "AJAX" or "FETCH" || name.StartsWith("HTTP ", StringComparison.Ordinal) || name is "AZURE BLOB" or "AZURE TABLE" or "AZURE QUEUE";
        return new AzureDependency(SpanKind.Client, database, isHttp);
    }
}
