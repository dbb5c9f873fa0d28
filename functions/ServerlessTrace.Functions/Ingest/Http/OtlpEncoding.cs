using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>An encoding of OTLP/HTTP payloads.</summary>
/// <param name="ContentType">Its media type; an answer has the request's (OTLP, "OTLP/HTTP Response").</param>
/// <param name="IsJson">Whether it is JSON rather than binary protobuf.</param>
internal sealed record OtlpEncoding(string ContentType, bool IsJson)
{
    /// <summary>"JSON Protobuf Encoding".</summary>
    public static readonly OtlpEncoding Json = new("application/json", true);

    private static readonly OtlpEncoding Protobuf = new("application/x-protobuf", false);

    // The name that IANA has registered since; nobody sends it by default.
    private static readonly OtlpEncoding RegisteredProtobuf = new("application/protobuf", false);

    /// <summary>What a body posted in this encoding is.</summary>
    public PostKind Kind => IsJson ? PostKind.OtlpJson : PostKind.OtlpProtobuf;

    /// <summary>The encoding of a request; null for any other content.</summary>
    public static OtlpEncoding? Of(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) && type.MediaType.Value is { } name
            ? Array.Find([Protobuf, Json, RegisteredProtobuf], encoding => encoding.ContentType.Equals(name, StringComparison.OrdinalIgnoreCase))
            : null;
}
