using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Generation;

/// <summary>Something a service does: what is the same for all of its spans.</summary>
internal sealed class Operation(int service, string name, SpanKind kind, Transport transport, int meanMicroseconds)
{
    /// <summary>Index in <see cref="Operations.Services"/>.</summary>
    public int Service { get; } = service;

    public byte[] Name { get; } = Encoding.UTF8.GetBytes(name);

    /// <summary>What is logged when it went well.</summary>
    public byte[] Completed { get; } = Encoding.UTF8.GetBytes($"{name} completed");

    /// <summary>What is logged when it did not.</summary>
    public byte[] Failed { get; } = Encoding.UTF8.GetBytes($"{name} failed");

    public SpanKind Kind { get; } = kind;

    public Transport Transport { get; } = transport;

    /// <summary>Its own work, calls not included.</summary>
    public int MeanMicroseconds { get; } = meanMicroseconds;

    /// <summary>HTTP method, database operation or messaging operation.</summary>
    public byte[] Method { get; init; } = [];

    /// <summary>HTTP route, table or topic.</summary>
    public byte[] Target { get; init; } = [];

    /// <summary>For a client: whom it calls.</summary>
    public byte[] Peer { get; init; } = [];

    /// <summary>For a database or message broker: which product.</summary>
    public byte[] System { get; init; } = [];

    /// <summary>What goes wrong when it fails by itself.</summary>
    public Failure? Failure { get; init; }
}
