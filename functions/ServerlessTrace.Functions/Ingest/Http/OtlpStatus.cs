using System.Text.Json.Serialization;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary><c>google.rpc.Status</c> of <c>status.proto</c> in JSON.</summary>
internal sealed record OtlpStatus(
    int Code, string Message, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<OtlpBadRequest>? Details);

/// <summary><c>google.rpc.BadRequest</c> of <c>error_details.proto</c> in JSON, as the <c>Any</c> that it is in a status.</summary>
internal sealed record OtlpBadRequest([property: JsonPropertyName("@type")] string Type, IReadOnlyList<OtlpFieldViolation> FieldViolations);

/// <summary>What is wrong with a field.</summary>
internal sealed record OtlpFieldViolation(string Field, string Description);
