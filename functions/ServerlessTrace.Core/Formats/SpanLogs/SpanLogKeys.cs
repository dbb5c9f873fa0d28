using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>The names that a source of span logs uses, and the attributes that known fields become.</summary>
internal sealed class SpanLogKeys : FieldKeys<SpanLogField>
{
    /// <summary>No names yet.</summary>
    public SpanLogKeys(ReadLimits limits, JsonScanner json)
        : base(limits, json)
    {
        CorrelationId = Attribute("correlation_id", AttributeScope.Span);
        RequestId = Attribute("request_id", AttributeScope.Span);
        Message = Attribute("message", AttributeScope.Span);
        MessageTemplate = Attribute("message.template", AttributeScope.Span);
        Name = Attribute("name", AttributeScope.Span);
        EventName = Attribute("event_name", AttributeScope.Span);
        Error = Attribute("error", AttributeScope.Span);
        ErrorType = Attribute("error.type", AttributeScope.Span);
        ExceptionType = Attribute("exception.type", AttributeScope.Span);
        ExceptionMessage = Attribute("exception.message", AttributeScope.Span);
        ExceptionStackTrace = Attribute("exception.stacktrace", AttributeScope.Span);
        Status = Attribute("status", AttributeScope.Span);
        StatusMessage = Attribute("status_message", AttributeScope.Span);
    }

    public AttributeKey CorrelationId { get; }

    public AttributeKey RequestId { get; }

    public AttributeKey Message { get; }

    public AttributeKey MessageTemplate { get; }

    public AttributeKey Name { get; }

    public AttributeKey EventName { get; }

    public AttributeKey Error { get; }

    public AttributeKey ErrorType { get; }

    public AttributeKey ExceptionType { get; }

    public AttributeKey ExceptionMessage { get; }

    public AttributeKey ExceptionStackTrace { get; }

    public AttributeKey Status { get; }

    public AttributeKey StatusMessage { get; }

    /// <inheritdoc/>
    protected override FieldMeaning<SpanLogField> Classify(string name, int place) => SpanLogFields.Classify(name, (FieldPlace)place);
}
