using System.Text.Json.Serialization;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary><c>ExportTraceServiceResponse</c> of <c>trace_service.proto</c> in JSON.</summary>
internal sealed record OtlpTraceResponse([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] OtlpPartialSuccess? PartialSuccess);

/// <summary><c>ExportTracePartialSuccess</c> of <c>trace_service.proto</c> in JSON.</summary>
internal sealed record OtlpPartialSuccess(string RejectedSpans, string ErrorMessage);
