namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>
/// The names of fields in OTLP's JSON encoding: lowerCamelCase, as the specification demands, and as <c>.proto</c> files have
/// them, as generic protobuf printers can be told to write them. Includes those that the messages had before version 0.19, and those of
/// documents in which Tempo, Grafana and Jaeger hand such messages out.
/// </summary>
internal static class OtlpFieldNames
{
    private static readonly (byte[] Name, OtlpField Field)[] Names =
    [
        .. Both("resource_spans", OtlpField.ResourceSpans),
        .. Both("batches", OtlpField.ResourceSpans),
        .. Both("trace", OtlpField.Wrapper),
        .. Both("result", OtlpField.Wrapper),
        .. Both("data", OtlpField.Wrapper),
        .. Both("resource_logs", OtlpField.ResourceLogs),
        .. Both("resource_metrics", OtlpField.ResourceMetrics),
        .. Both("scope_spans", OtlpField.ScopeSpans),
        .. Both("instrumentation_library_spans", OtlpField.ScopeSpans),
        .. Both("scope_logs", OtlpField.ScopeLogs),
        .. Both("instrumentation_library_logs", OtlpField.ScopeLogs),
        .. Both("spans", OtlpField.Spans),
        .. Both("log_records", OtlpField.LogRecords),
        .. Both("logs", OtlpField.LogRecords),
        .. Both("resource", OtlpField.Resource),
        .. Both("scope", OtlpField.Scope),
        .. Both("instrumentation_library", OtlpField.Scope),
        .. Both("attributes", OtlpField.Attributes),
        .. Both("dropped_attributes_count", OtlpField.DroppedCount),
        .. Both("dropped_events_count", OtlpField.DroppedCount),
        .. Both("dropped_links_count", OtlpField.DroppedCount),
        .. Both("trace_id", OtlpField.TraceId),
        .. Both("span_id", OtlpField.SpanId),
        .. Both("parent_span_id", OtlpField.ParentSpanId),
        .. Both("trace_state", OtlpField.TraceState),
        .. Both("name", OtlpField.Name),
        .. Both("version", OtlpField.Version),
        .. Both("kind", OtlpField.Kind),
        .. Both("start_time_unix_nano", OtlpField.StartTime),
        .. Both("end_time_unix_nano", OtlpField.EndTime),
        .. Both("time_unix_nano", OtlpField.Time),
        .. Both("observed_time_unix_nano", OtlpField.ObservedTime),
        .. Both("events", OtlpField.Events),
        .. Both("links", OtlpField.Links),
        .. Both("status", OtlpField.Status),
        .. Both("message", OtlpField.Message),
        .. Both("code", OtlpField.Code),
        .. Both("severity_number", OtlpField.SeverityNumber),
        .. Both("severity_text", OtlpField.SeverityText),
        .. Both("body", OtlpField.Body),
        .. Both("event_name", OtlpField.EventName),
        .. Both("key", OtlpField.Key),
        .. Both("value", OtlpField.Value),
        .. Both("values", OtlpField.Values),
        .. Both("string_value", OtlpField.StringValue),
        .. Both("bool_value", OtlpField.BoolValue),
        .. Both("int_value", OtlpField.IntValue),
        .. Both("double_value", OtlpField.DoubleValue),
        .. Both("array_value", OtlpField.ArrayValue),
        .. Both("kvlist_value", OtlpField.KeyValueListValue),
        .. Both("bytes_value", OtlpField.BytesValue),
    ];

    private static readonly (byte[] Name, OtlpField Field)[][] ByLength = [.. Enumerable.Range(0, 32).Select(length => Names.Where(name => name.Name.Length == length).ToArray())];

    /// <summary>What a field is.</summary>
    public static OtlpField Of(ReadOnlySpan<byte> name)
    {
        if (name.Length < ByLength.Length)
        {
            foreach ((byte[] known, OtlpField field) in ByLength[name.Length])
            {
                if (name.SequenceEqual(known))
                {
                    return field;
                }
            }
        }

        return OtlpField.Other;
    }

    private static IEnumerable<(byte[] Name, OtlpField Field)> Both(string name, OtlpField field)
    {
        string[] words = name.Split('_');
        string camel = words[0] + string.Concat(words.Skip(1).Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));
        return new[] { name, camel }.Distinct().Select(each => (System.Text.Encoding.UTF8.GetBytes(each), field));
    }
}
