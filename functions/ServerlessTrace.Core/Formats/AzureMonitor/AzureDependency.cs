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

        bool isHttp = Is(type, "HTTP"u8) || Is(type, "AJAX"u8) || Is(type, "FETCH"u8)
            || (type.Length > 5 && Is(type[..5], "HTTP "u8))
            || Is(type, "AZURE BLOB"u8) || Is(type, "AZURE TABLE"u8) || Is(type, "AZURE QUEUE"u8);
        string database = isHttp ? string.Empty
            : Is(type, "SQL"u8) ? "mssql"
            : Is(type, "MYSQL"u8) ? "mysql"
            : Is(type, "POSTGRESQL"u8) ? "postgresql"
            : Is(type, "MONGODB"u8) ? "mongodb"
            : Is(type, "REDIS"u8) ? "redis"
            : Is(type, "ORACLE"u8) ? "oracle"
            : Is(type, "CASSANDRA"u8) ? "cassandra"
            : Is(type, "SQLITE"u8) ? "sqlite"
            : Is(type, "AZURE DOCUMENTDB"u8) || Is(type, "AZURE COSMOS DB"u8) || Is(type, "MICROSOFT.DOCUMENTDB"u8) ? "cosmosdb"
            : string.Empty;
        return new AzureDependency(SpanKind.Client, database, isHttp);
    }

    private static bool Is(ReadOnlySpan<byte> type, ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(type, name);
}
