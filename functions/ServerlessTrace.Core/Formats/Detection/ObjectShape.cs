using System.Text.Json;

namespace ServerlessTrace.Core.Formats.Detection;

/// <summary>
/// The format of a JSON object, by its fields. A span log is an object of no other format: the others must show several fields that
/// only they have together, so that a log line which happens to have one of them stays a log line.
/// </summary>
/// <param name="Format">The format; <see cref="SourceFormat.Unknown"/> for an object that is broken, or refused.</param>
/// <param name="IsCertain">Whether the fields belong to that format only.</param>
/// <param name="IsCut">Whether the content ended inside the object before its format was certain; the format is the likeliest then.</param>
/// <param name="Refused">The name of a format that is known and not read, and what to do; null for all others.</param>
internal readonly record struct ObjectShape(SourceFormat Format, bool IsCertain = false, bool IsCut = false, string? Refused = null)
{
    private const int DeepestWrapper = 4;
    private const ObjectFields XRayHeader = ObjectFields.XRayFormat | ObjectFields.XRayVersion | ObjectFields.NotZipkin;

    /// <summary>Fields that settle a format once all of them were seen.</summary>
    private static readonly (ObjectFields Fields, SourceFormat Format)[] Settling =
    [
        (ObjectFields.Otlp, SourceFormat.OtlpJson),
        (ObjectFields.JaegerTraceId | ObjectFields.JaegerSpans, SourceFormat.Jaeger),
        (ObjectFields.JaegerSpans | ObjectFields.JaegerProcesses, SourceFormat.Jaeger),
        (ObjectFields.JaegerTraceId | ObjectFields.JaegerSpanId | ObjectFields.JaegerSpan, SourceFormat.Jaeger),
        (ObjectFields.AzureTable | ObjectFields.AzureContext, SourceFormat.AzureMonitor),
        (ObjectFields.AzureEnvelope, SourceFormat.AzureMonitor),
        (ObjectFields.AzureItems | ObjectFields.AzureItemContext, SourceFormat.AzureMonitor),
        (ObjectFields.SdkContext | ObjectFields.SdkSpan, SourceFormat.SdkConsole),
        (ObjectFields.ZipkinTraceId | ObjectFields.ZipkinId | ObjectFields.SdkScope, SourceFormat.SdkConsole),
        (ObjectFields.XRayTraceId | ObjectFields.XRayTime, SourceFormat.XRay),
        (ObjectFields.XRayAnswer, SourceFormat.XRay),
        (ObjectFields.ElasticEvent, SourceFormat.ElasticApm),
        (ObjectFields.DatadogTraceId | ObjectFields.DatadogStart | ObjectFields.DatadogTags, SourceFormat.Datadog),
        (ObjectFields.DockerLog | ObjectFields.DockerStream, SourceFormat.LogLines),
    ];

    /// <summary>What an object that is cut off most likely is, the first that applies.</summary>
    private static readonly (ObjectFields Fields, SourceFormat Format)[] Likely =
    [
        (ObjectFields.JaegerProcesses | ObjectFields.JaegerSpans | ObjectFields.SearchAnswer, SourceFormat.Jaeger),
    ];

    /// <summary>The format of the object that begins here.</summary>
    public static ObjectShape Of(ReadOnlySpan<byte> content)
    {
        Utf8JsonReader json = new(content, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 512, AllowMultipleValues = true }));
        try
        {
            return json.Read() ? OfObject(json, DeepestWrapper) : new ObjectShape(SourceFormat.Unknown, IsCut: true);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return default;
        }
    }

    /// <summary>The format of the object at whose brace a reader stands.</summary>
    internal static ObjectShape OfObject(Utf8JsonReader json, int wrappers)
    {
        ObjectFields seen = ObjectFields.None;
        while (json.Read())
        {
            if (json.TokenType == JsonTokenType.EndObject)
            {
                return OfWhole(seen);
            }

            if (ForeignDocuments.NameOf(json) is { } refused)
            {
                return new ObjectShape(SourceFormat.Unknown, Refused: refused);
            }

            ObjectShape? wrapped = wrappers > 0 ? WrappedObject.ShapeOf(json, wrappers - 1) : null;
            if (wrapped is { } inner && (inner.IsCertain || inner.IsCut || inner.Refused is not null))
            {
                return inner;
            }

            seen |= ObjectField.Read(ref json);
            foreach ((ObjectFields fields, SourceFormat format) in Settling)
            {
                if ((seen & fields) == fields)
                {
                    return new ObjectShape(format, IsCertain: true);
                }
            }

            if (!json.TrySkip())
            {
                break;
            }
        }

        return OfCut(seen);
    }

    private static ObjectShape OfWhole(ObjectFields seen) =>
        IsZipkin(seen) ? new ObjectShape(SourceFormat.Zipkin, IsCertain: true)
        : seen == XRayHeader ? new ObjectShape(SourceFormat.XRay, IsCertain: true)
        : seen == (ObjectFields.ElasticMetadata | ObjectFields.NotZipkin) ? new ObjectShape(SourceFormat.ElasticApm, IsCertain: true)
        : new ObjectShape(SourceFormat.SpanLog, (seen & ObjectFields.LogLine) != 0);

    private static ObjectShape OfCut(ObjectFields seen)
    {
        foreach ((ObjectFields fields, SourceFormat format) in Likely)
        {
            if ((seen & fields) != 0)
            {
                return new ObjectShape(format, IsCut: true);
            }
        }

        return new ObjectShape(IsZipkin(seen) ? SourceFormat.Zipkin : seen != ObjectFields.None ? SourceFormat.SpanLog : SourceFormat.Unknown, IsCut: true);
    }

    private static bool IsZipkin(ObjectFields seen)
    {
        const ObjectFields Ids = ObjectFields.ZipkinTraceId | ObjectFields.ZipkinId;
        return (seen & (Ids | ObjectFields.NotZipkin)) == Ids
            || (seen & (Ids | ObjectFields.ZipkinEndpoint | ObjectFields.LogLine)) == (Ids | ObjectFields.ZipkinEndpoint);
    }
}
