using System.Text.Json;
using ServerlessTrace.Core.Formats.Json;

namespace ServerlessTrace.Core.Formats.Zipkin;

/// <summary>One end of a call: <c>{"serviceName", "ipv4", "ipv6", "port"}</c>, any of which may be missing.</summary>
internal sealed class ZipkinEndpoint
{
    private byte[] _service = [];
    private byte[] _address = [];

    /// <summary>The service's name.</summary>
    public ReadOnlySpan<byte> Service => _service;

    /// <summary>The IP address, the fourth version's if there are both.</summary>
    public ReadOnlySpan<byte> Address => _address;

    /// <summary>The port; 0 where unknown.</summary>
    public int Port { get; private set; }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _service = [];
        _address = [];
        Port = 0;
    }

    /// <summary>Reads the object that a reader stands on.</summary>
    public void Read(ref Utf8JsonReader json, SpanBuilder builder)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isService = json.ValueTextEquals("serviceName"u8);
            bool isIpv4 = json.ValueTextEquals("ipv4"u8);
            bool isIpv6 = json.ValueTextEquals("ipv6"u8);
            bool isPort = json.ValueTextEquals("port"u8);
            json.Read();
            if (isService)
            {
                _service = builder.Raw(ref json).ToArray();
            }
            else if (isIpv4 || (isIpv6 && _address.Length == 0))
            {
                _address = builder.Raw(ref json).ToArray();
            }
            else if (isPort && json.TokenType == JsonTokenType.Number && json.TryGetInt32(out int port))
            {
                Port = port;
            }

            json.Skip();
        }
    }
}
