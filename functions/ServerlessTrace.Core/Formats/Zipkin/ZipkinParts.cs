using System.Buffers.Text;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Formats.SpanLogs;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Zipkin;

/// <summary>What both versions of Zipkin's spans have: endpoints, times in microseconds, and tags that say how the span ended.</summary>
internal static unsafe class ZipkinParts
{
    private const int NanosPerMicro = 3;

    /// <summary>Reads an endpoint; any other value is passed.</summary>
    public static byte* ReadEndpoint(byte* at, JsonScanner json, ZipkinKeys keys, SpanBuilder builder, FieldKey<ZipkinField> endpoint, int depth, out ZipkinEndpoint read)
    {
        read = default;
        if (*at != '{')
        {
            return json.SkipValue(at, depth);
        }

        int text;
        FieldKey<ZipkinField> key = endpoint.Beginning;
        at = json.BeginObject(at, depth, out bool ended);
        while (at is not null && !ended)
        {
            at = keys.ReadKey(at, ref key, ZipkinKeys.InSpan);
            if (at is null)
            {
                return null;
            }

            switch (key.Field)
            {
                case ZipkinField.ServiceName:
                    at = builder.ReadText(at, depth + 1, out text);
                    read = read with { Service = text };
                    break;
                case ZipkinField.Ipv4 or ZipkinField.Ipv6:
                    at = builder.ReadText(at, depth + 1, out text);
                    read = key.Field == ZipkinField.Ipv4 || read.Address == 0 ? read with { Address = text } : read;
                    break;
                case ZipkinField.Port when *at != '"':
                    at = json.ReadScalar(at, depth + 1, out ReadOnlySpan<byte> digits);
                    read = Utf8Parser.TryParse(digits, out int port, out int length) && length == digits.Length ? read with { Port = port } : read;
                    break;
                default:
                    at = json.SkipValue(at, depth + 1);
                    break;
            }

            at = at is null ? null : json.EndField(at, out ended);
        }

        return at;
    }

    /// <summary>Reads a number of microseconds, as a number or text, into nanoseconds; nothing at all is 0.</summary>
    public static byte* ReadMicros(byte* at, JsonScanner json, int depth, out long nano, out bool isTime)
    {
        isTime = true;
        byte* behind = TimeReader.TryReadDecimal(at, NanosPerMicro, out nano);
        if (behind is not null)
        {
            return behind;
        }

        isTime = *at == 'n';
        at = json.ReadScalar(at, depth, out ReadOnlySpan<byte> text);
        nano = 0;
        isTime |= Timestamps.TryParseDecimal(text, NanosPerMicro, out nano);
        return at;
    }

    /// <summary>Adds what the endpoints say of the span, and takes from its tags how it ended.</summary>
    public static void Finish(ref SpanRecord span, SpanBuilder builder, ZipkinKeys keys, ZipkinEndpoint local, ZipkinEndpoint remote)
    {
        span.Service = local.Service;
        builder.AddIfAbsent(keys.LocalAddress, local.Address);
        builder.AddIfAbsent(keys.PeerService, remote.Service);
        builder.AddIfAbsent(keys.PeerAddress, remote.Address);
        if (remote.Port > 0)
        {
            builder.Values.Add(builder.Attributes, keys.PeerPort, AttributeKind.Int64, remote.Port);
        }

        ReadStatus(ref span, builder, keys);
    }

    /// <summary>A tag <c>error</c> says that the span failed, whatever its value, which may be a message; OpenTelemetry's exporter adds a status.</summary>
    private static void ReadStatus(ref SpanRecord span, SpanBuilder builder, ZipkinKeys keys)
    {
        int status = builder.FindText(keys.StatusCode);
        span.Status = builder.Is(status, "ERROR"u8) ? SpanStatus.Error : builder.Is(status, "OK"u8) ? SpanStatus.Ok : SpanStatus.Unset;
        if (builder.Values.Has(keys.Error))
        {
            int error = builder.FindText(keys.Error);
            bool denied = builder.Is(error, "false"u8);
            span.Status = denied ? span.Status : SpanStatus.Error;
            span.StatusMessage = denied || builder.Is(error, "true"u8) ? 0 : error;
        }

        int description = builder.FindText(keys.StatusDescription);
        span.StatusMessage = description == 0 ? span.StatusMessage : description;
    }
}
