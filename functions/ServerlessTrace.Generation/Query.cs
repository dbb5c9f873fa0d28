using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Generation;

/// <summary>A database call: the span of the service that asks and the one that the database logs.</summary>
internal sealed class Query(int service, string verb, string table, int meanMicroseconds)
{
    public Operation Client { get; } = Side(service, SpanKind.Client, verb, table, 200);

    public Operation Server { get; } = Side(Operations.Database, SpanKind.Server, verb, table, meanMicroseconds);

    private static Operation Side(int service, SpanKind kind, string verb, string table, int meanMicroseconds) =>
        new(service, $"{verb} {table}", kind, Transport.Sql, meanMicroseconds)
        {
            Method = Encoding.UTF8.GetBytes(verb),
            Target = Encoding.UTF8.GetBytes(table),
            Peer = kind == SpanKind.Client ? "database"u8.ToArray() : [],

            // A store's name says that no spans are to be expected from it; this database does log spans.
            System = kind == SpanKind.Client ? [] : "postgresql"u8.ToArray(),
            Failure = Operations.Deadlock,
        };
}
