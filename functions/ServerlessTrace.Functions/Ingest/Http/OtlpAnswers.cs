using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>Answers to OTLP/HTTP requests, in the request's encoding.</summary>
/// <remarks>OpenTelemetry Protocol Specification, "OTLP/HTTP Response".</remarks>
internal static class OtlpAnswers
{
    private const string BadRequestType = "type.googleapis.com/google.rpc.BadRequest";

    /// <summary>An <c>ExportTraceServiceResponse</c>; <c>partial_success</c> is unset in full success ("Full Success", "Partial Success").</summary>
    public static IResult Success(OtlpEncoding encoding, long rejectedSpans, string message)
    {
        bool isPartial = rejectedSpans > 0 || message.Length > 0;
        if (encoding.IsJson)
        {
            // 64-bit numbers are text in the JSON mapping of protobuf.
            OtlpPartialSuccess? partial = isPartial ? new OtlpPartialSuccess(rejectedSpans.ToString(CultureInfo.InvariantCulture), message) : null;
            return Results.Bytes(JsonBytes(new OtlpTraceResponse(partial), PostJson.Default.OtlpTraceResponse), encoding.ContentType);
        }

        var response = new ProtobufMessage();
        if (isPartial)
        {
            response.Add(1, new ProtobufMessage().Add(1, rejectedSpans).Add(2, message));
        }

        return Results.Bytes(response.ToArray(), encoding.ContentType);
    }

    /// <summary>A <c>google.rpc.Status</c> ("Failures"), for bad data with a <c>BadRequest</c> in its details ("Bad Data").</summary>
    public static IResult Failure(OtlpEncoding encoding, int httpStatus, string message)
    {
        int code = CodeOf(httpStatus);
        bool isBadData = httpStatus == StatusCodes.Status400BadRequest;
        byte[] body;
        if (encoding.IsJson)
        {
            OtlpBadRequest[]? details = isBadData ? [new OtlpBadRequest(BadRequestType, [new OtlpFieldViolation("body", message)])] : null;
            body = JsonBytes(new OtlpStatus(code, message, details), PostJson.Default.OtlpStatus);
        }
        else
        {
            var status = new ProtobufMessage().Add(1, code).Add(2, message);
            if (isBadData)
            {
                var violation = new ProtobufMessage().Add(1, "body").Add(2, message);
                status.Add(3, new ProtobufMessage().Add(1, BadRequestType).Add(2, new ProtobufMessage().Add(1, violation)));
            }

            body = status.ToArray();
        }

        return new BytesWithStatus(body, encoding.ContentType, httpStatus);
    }

    /// <summary>The gRPC code that comes nearest; clients go by the HTTP status ("Failures").</summary>
    private static int CodeOf(int httpStatus) => httpStatus switch
    {
        StatusCodes.Status429TooManyRequests => 8,
        StatusCodes.Status503ServiceUnavailable => 14,
        >= 500 => 13,
        _ => 3,
    };

    private static byte[] JsonBytes<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(value, type);

    /// <summary>Results.Bytes knows no status.</summary>
    private sealed class BytesWithStatus(byte[] body, string contentType, int status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = contentType;
            httpContext.Response.ContentLength = body.Length;
            return httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
        }
    }
}
