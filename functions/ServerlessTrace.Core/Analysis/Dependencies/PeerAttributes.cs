using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Dependencies;

/// <summary>
/// Infers what a span calls from its attributes: OpenTelemetry's semantic conventions for databases, messaging and peers, in their current and former
/// names, the one that comes first below winning.
/// </summary>
internal sealed class PeerAttributes
{
    private static readonly string[] DatabaseSystem = ["db.system.name", "db.system", "db.type"];
    private static readonly string[] DatabaseName = ["db.namespace", "db.name", "db.instance", "server.address", "net.peer.name", "peer.hostname", "peer.service"];
    private static readonly string[] MessagingSystem = ["messaging.system"];
    private static readonly string[] Destination = ["messaging.destination.name", "messaging.destination", "message_bus.destination"];

    private static readonly string[] Host =
        ["peer.service", "server.address", "net.peer.name", "http.host", "peer.hostname", "network.peer.address", "net.sock.peer.name", "net.sock.peer.addr", "peer.address"];

    private static readonly string[] Service = ["peer.service"];

    private static readonly string[] Url = ["url.full", "http.url"];

    /// <summary>A key may have two roles: a host names a database, too.</summary>
    private static readonly (byte[] Key, Role Role)[] Known =
    [
        .. new[]
        {
            (Role.DatabaseSystem, DatabaseSystem), (Role.DatabaseName, DatabaseName), (Role.MessagingSystem, MessagingSystem), (Role.Destination, Destination),
            (Role.Host, Host), (Role.Url, Url),
        }.SelectMany(static entry => entry.Item2.Select(key => (Encoding.UTF8.GetBytes(key), entry.Item1))),
    ];

    private readonly SpanBatch _batch;

    // By a name's number. Made for every trace that is analysed, so it must not grow with the texts of the batch.
    private readonly Dictionary<int, Role> _roles = [];

    // Of each number in _roles the bit of its last six digits, since hardly any attribute has a role.
    private readonly ulong _mask;

    public PeerAttributes(SpanBatch batch)
    {
        _batch = batch;
        foreach ((byte[] key, Role role) in Known)
        {
            int id = batch.Strings.Find(key);
            if (id > 0)
            {
                _roles[id] = _roles.GetValueOrDefault(id) | role;
                _mask |= 1UL << (id & 63);
            }
        }
    }

    [Flags]
    private enum Role
    {
        DatabaseSystem = 1,
        DatabaseName = 2,
        MessagingSystem = 4,
        Destination = 8,
        Host = 16,
        Url = 32,
    }

    /// <summary>Whether no span of the batch says anything of a peer.</summary>
    public bool IsEmpty => _mask == 0;

    /// <summary>Whether the span names another service.</summary>
    public bool HasService(in SpanRecord span) => Find(in span, Role.Host, Service) is not null;

    /// <summary>The broker that a message's producer or consumer names as its peer; null if it names none.</summary>
    /// <param name="span">The span.</param>
    /// <param name="own">Its service.</param>
    public DependencyNode? Broker(in SpanRecord span, string own) =>
        Find(in span, Role.Host, Service) is not { } broker || broker == own ? null
        : Of(in span, own) is { Kind: DependencyKind.Queue } queue ? queue
        : new DependencyNode(DependencyKind.Queue, broker);

    /// <summary>What the span calls; null where its attributes do not say, or name its own service or this machine.</summary>
    /// <param name="span">The span.</param>
    /// <param name="own">Its service.</param>
    public DependencyNode? Of(in SpanRecord span, string own)
    {
        if (_mask == 0)
        {
            return null;
        }

        if (Find(in span, Role.DatabaseSystem, DatabaseSystem) is { } database)
        {
            return new DependencyNode(DependencyKind.Database, Join(database, Find(in span, Role.DatabaseName, DatabaseName)));
        }

        string? destination = Find(in span, Role.Destination, Destination);
        if (destination is not null || Find(in span, Role.MessagingSystem, MessagingSystem) is not null)
        {
            string system = Find(in span, Role.MessagingSystem, MessagingSystem) ?? "queue";
            return new DependencyNode(DependencyKind.Queue, Join(system, destination));
        }

        string? host = Find(in span, Role.Host, Host) ?? HostOf(Find(in span, Role.Url, Url));
        return host is null || host == own || IsLoopback(host) ? null : new DependencyNode(DependencyKind.External, host);
    }

    private static bool IsLoopback(string host) =>
        host.StartsWith("127.", StringComparison.Ordinal) || host is "::1" or "[::1]" or "::ffff:127.0.0.1" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static string? HostOf(string? url) => Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Host.Length > 0 ? parsed.Host : null;

    private static string Join(string system, string? name) => name is null ? system : $"{system}/{name}";

    private bool HasRole(int key, Role role) => (_mask & (1UL << (key & 63))) != 0 && _roles.TryGetValue(key, out Role known) && (known & role) != 0;

    private string? Find(in SpanRecord span, Role role, string[] keys)
    {
        string? best = null;
        int bestRank = keys.Length;
        foreach (ref readonly SpanAttribute attribute in _batch.Attributes(in span))
        {
            if (attribute.Scope == AttributeScope.Span && attribute.Kind == AttributeKind.String && attribute.Text != 0
                && HasRole(attribute.Key, role))
            {
                int rank = Array.IndexOf(keys, _batch.Text(attribute.Key));
                (best, bestRank) = rank >= 0 && rank < bestRank ? (_batch.Text(attribute.Text), rank) : (best, bestRank);
            }
        }

        return best;
    }
}
