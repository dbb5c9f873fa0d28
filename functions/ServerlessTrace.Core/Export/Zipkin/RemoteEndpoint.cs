using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Export.Zipkin;

/// <summary>
/// The called side of a span from its attributes, in the order in which "OpenTelemetry to Zipkin Transformation", "Remote endpoint", prefers them.
/// Without one Zipkin sees no dependency.
/// </summary>
internal sealed class RemoteEndpoint
{
    private static readonly (string Name, string Port)[] Ranking =
    [
        ("peer.service", "server.port"), ("server.address", "server.port"), ("net.peer.name", "net.peer.port"), ("network.peer.address", "network.peer.port"),
        ("server.socket.domain", "server.socket.port"), ("server.socket.address", "server.socket.port"), ("net.sock.peer.name", "net.sock.peer.port"),
        ("net.sock.peer.addr", "net.sock.peer.port"), ("peer.hostname", "peer.port"), ("peer.address", "peer.port"), ("db.name", "server.port"),
    ];

    private readonly ExportJson _json;
    private readonly Dictionary<int, int> _ranks = [];

    public RemoteEndpoint(ExportJson json)
    {
        _json = json;
        for (int rank = 0; rank < Ranking.Length; rank++)
        {
            int key = json.Batch.Strings.Find(Encoding.UTF8.GetBytes(Ranking[rank].Name));
            if (key > 0)
            {
                _ranks.Add(key, rank);
            }
        }
    }

    public void Write(ReadOnlySpan<ExportedAttribute> attributes)
    {
        int best = Ranking.Length;
        int name = 0;
        foreach (ref readonly ExportedAttribute attribute in attributes)
        {
            SpanAttribute value = attribute.Value;
            if (!attribute.IsPrefixed && value.Kind == AttributeKind.String && value.Text != 0 && _ranks.TryGetValue(value.Key, out int rank) && rank < best)
            {
                (best, name) = (rank, value.Text);
            }
        }

        if (best == Ranking.Length)
        {
            return;
        }

        Utf8JsonWriter writer = _json.Writer;
        writer.WriteStartObject("remoteEndpoint"u8);
        if (IPAddress.TryParse(_json.Batch.Text(name), out IPAddress? address))
        {
            writer.WriteString(address.AddressFamily == AddressFamily.InterNetwork ? "ipv4"u8 : "ipv6"u8, address.ToString());
        }
        else
        {
            _json.Text("serviceName"u8, name);
        }

        if (Port(attributes, Ranking[best].Port) is { } port)
        {
            writer.WriteNumber("port"u8, port);
        }

        writer.WriteEndObject();
    }

    private int? Port(ReadOnlySpan<ExportedAttribute> attributes, string name)
    {
        int key = _json.Batch.Strings.Find(Encoding.UTF8.GetBytes(name));
        foreach (ref readonly ExportedAttribute attribute in attributes)
        {
            SpanAttribute value = attribute.Value;
            if (value.Key == key && !attribute.IsPrefixed && int.TryParse(_json.AsText(in value), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and < 65536)
            {
                return port;
            }
        }

        return null;
    }
}
