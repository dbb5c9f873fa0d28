using System.Text.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats;

/// <summary>
/// Tells a format by the fields of its first JSON object. Span logs are whatever is nothing else: the others must show
/// several fields that only they have together, so that a log line which happens to have one of them stays a log line.
/// </summary>
internal static class ObjectShape
{
    [Flags]
    private enum Seen
    {
        None = 0,
        ZipkinTraceId = 1,
        ZipkinId = 2,
        NotZipkin = 4,
        JaegerTraceId = 8,
        JaegerSpans = 16,
        AzureTable = 32,
        AzureContext = 64,
        DockerLog = 128,
        DockerStream = 256,
    }

    /// <summary>The format of content whose first object begins here; <see cref="SourceFormat.Unknown"/> if it is broken before it shows what it is.</summary>
    public static SourceFormat Detect(ReadOnlySpan<byte> content)
    {
        Utf8JsonReader json = new(content, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 512, AllowMultipleValues = true }));
        try
        {
            return json.Read() ? OfObject(ref json, wrappers: 2) : SourceFormat.Unknown;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return SourceFormat.Unknown;
        }
    }

    private static SourceFormat OfObject(ref Utf8JsonReader json, int wrappers)
    {
        Seen seen = Seen.None;
        bool ended = false;
        while (json.Read() && !(ended = json.TokenType == JsonTokenType.EndObject))
        {
            bool data = wrappers > 0 && json.ValueTextEquals("data"u8);
            if (data || (wrappers > 0 && json.ValueTextEquals("records"u8)))
            {
                if (json.Read() && json.TokenType == JsonTokenType.StartArray)
                {
                    SourceFormat inner = json.Read() && json.TokenType == JsonTokenType.StartObject ? OfObject(ref json, wrappers - 1) : SourceFormat.SpanLog;
                    return inner == (data ? SourceFormat.Jaeger : SourceFormat.AzureMonitor) ? inner : SourceFormat.SpanLog;
                }

                seen |= Seen.NotZipkin;
                if (!json.TrySkip())
                {
                    break;
                }

                continue;
            }

            seen |= OfField(ref json);
            if (Settled(seen) is { } settled)
            {
                return settled;
            }

            if (!json.TrySkip())
            {
                break;
            }
        }

        const Seen Zipkin = Seen.ZipkinTraceId | Seen.ZipkinId;
        return (seen & (Zipkin | Seen.NotZipkin)) == Zipkin ? SourceFormat.Zipkin
            : ended || seen != Seen.None ? SourceFormat.SpanLog
            : SourceFormat.Unknown;
    }

    private static SourceFormat? Settled(Seen seen) =>
        (seen & (Seen.JaegerTraceId | Seen.JaegerSpans)) == (Seen.JaegerTraceId | Seen.JaegerSpans) ? SourceFormat.Jaeger
        : (seen & (Seen.AzureTable | Seen.AzureContext)) == (Seen.AzureTable | Seen.AzureContext) ? SourceFormat.AzureMonitor
        : (seen & (Seen.DockerLog | Seen.DockerStream)) == (Seen.DockerLog | Seen.DockerStream) ? SourceFormat.LogLines
        : null;

    private static Seen OfField(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("traceId"u8))
        {
            return ReadsText(ref json) && TraceId.TryParse(json.ValueSpan, out _) ? Seen.ZipkinTraceId : Seen.NotZipkin;
        }

        if (json.ValueTextEquals("id"u8))
        {
            return ReadsText(ref json) && SpanId.TryParse(json.ValueSpan, out _) ? Seen.ZipkinId : Seen.NotZipkin;
        }

        if (json.ValueTextEquals("timestamp"u8))
        {
            // Zipkin's times are numbers; a classic Azure table has a text here.
            return json.Read() && json.TokenType == JsonTokenType.Number ? Seen.None : Seen.NotZipkin;
        }

        if (json.ValueTextEquals("traceID"u8))
        {
            return ReadsText(ref json) ? Seen.JaegerTraceId | Seen.NotZipkin : Seen.NotZipkin;
        }

        if (json.ValueTextEquals("spans"u8))
        {
            return json.Read() && json.TokenType == JsonTokenType.StartArray ? Seen.JaegerSpans | Seen.NotZipkin : Seen.NotZipkin;
        }

        if (json.ValueTextEquals("log"u8))
        {
            return ReadsText(ref json) ? Seen.DockerLog | Seen.NotZipkin : Seen.NotZipkin;
        }

        if (json.ValueTextEquals("stream"u8))
        {
            bool isStream = ReadsText(ref json) && (json.ValueTextEquals("stdout"u8) || json.ValueTextEquals("stderr"u8));
            return isStream ? Seen.DockerStream | Seen.NotZipkin : Seen.NotZipkin;
        }

        return IsZipkinField(ref json) ? Seen.None : Seen.NotZipkin | OfAzureField(ref json);
    }

    private static bool IsZipkinField(ref Utf8JsonReader json) =>
        json.ValueTextEquals("parentId"u8) || json.ValueTextEquals("name"u8) || json.ValueTextEquals("kind"u8)
        || json.ValueTextEquals("duration"u8) || json.ValueTextEquals("localEndpoint"u8) || json.ValueTextEquals("remoteEndpoint"u8)
        || json.ValueTextEquals("annotations"u8) || json.ValueTextEquals("tags"u8) || json.ValueTextEquals("debug"u8)
        || json.ValueTextEquals("shared"u8);

    private static Seen OfAzureField(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("Type"u8) || json.ValueTextEquals("category"u8) || json.ValueTextEquals("itemType"u8))
        {
            return ReadsText(ref json) && AzureMonitor.AzureTables.IsKnown(json.ValueSpan) ? Seen.AzureTable : Seen.None;
        }

        return json.ValueTextEquals("OperationId"u8) || json.ValueTextEquals("operation_Id"u8) || json.ValueTextEquals("resourceId"u8)
            || json.ValueTextEquals("ResourceGUID"u8) || json.ValueTextEquals("cloud_RoleName"u8) || json.ValueTextEquals("AppRoleName"u8)
            ? Seen.AzureContext : Seen.None;
    }

    private static bool ReadsText(ref Utf8JsonReader json) => json.Read() && json.TokenType == JsonTokenType.String;

    private static bool TryRead(ref Utf8JsonReader json) => json.Read();
}
