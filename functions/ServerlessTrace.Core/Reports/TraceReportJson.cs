using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Reports;

/// <summary>
/// The report of a trace as a JSON object: what <c>serverlesstrace analyze --format json</c> prints, and in detail what the HTTP report returns.
/// The same trace always gives the same bytes. Texts are escaped so that they are inert inside HTML, too.
/// </summary>
public static class TraceReportJson
{
    private const int FlushAt = 1 << 20;

    /// <summary>How reports are written: readable in any language, yet without characters that mean something in HTML.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>Writes one trace as an object.</summary>
    /// <param name="destination">Where the UTF-8 goes.</param>
    /// <param name="analysis">The trace.</param>
    /// <param name="isSealed">Whether the trace counts as complete.</param>
    /// <param name="revision">How many times it was sealed; 0 before.</param>
    /// <param name="detailed">
    /// Whether spans also have <c>slackNs</c> (null where nobody waits for the span) and <c>dragNs</c>, and errors <c>stackTrace</c>, <c>recovered</c>
    /// and <c>causedBy</c> (a span's id); otherwise the object is what the command line prints.
    /// </param>
    public static void Write(IBufferWriter<byte> destination, TraceAnalysis analysis, bool isSealed, int revision, bool detailed = false)
    {
        using var writer = new Utf8JsonWriter(destination, Options);
        Write(writer, analysis, isSealed, revision, detailed);
    }

    /// <summary>Writes one trace as an object to a stream, synchronously.</summary>
    /// <inheritdoc cref="Write(IBufferWriter{byte}, TraceAnalysis, bool, int, bool)"/>
    public static void Write(Stream destination, TraceAnalysis analysis, bool isSealed, int revision)
    {
        using var writer = new Utf8JsonWriter(destination, Options);
        Write(writer, analysis, isSealed, revision);
    }

    /// <summary>
    /// Writes one trace as an object where the writer stands; for an array, call it between <see cref="Utf8JsonWriter.WriteStartArray()"/> and
    /// <see cref="Utf8JsonWriter.WriteEndArray"/> of a writer with <see cref="Options"/>. Flushes each megabyte, so that a big trace is never in memory as a whole.
    /// </summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="analysis">The trace.</param>
    /// <param name="isSealed">Whether the trace counts as complete.</param>
    /// <param name="revision">How many times it was sealed; 0 before.</param>
    /// <param name="detailed">Whether more is said of spans and errors than the command line prints.</param>
    public static void Write(Utf8JsonWriter writer, TraceAnalysis analysis, bool isSealed, int revision, bool detailed = false)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(analysis);
        Trace trace = analysis.Trace;
        writer.WriteStartObject();
        writer.WriteString("traceId"u8, trace.Id.ToString());
        writer.WriteString("startTime"u8, Rfc3339.Of(trace.Start));
        writer.WriteNumber("durationMs"u8, Milliseconds(trace.Duration));
        writer.WriteString("status"u8, SpanNames.Of(trace.Status));
        writer.WriteBoolean("sealed"u8, isSealed);
        writer.WriteNumber("revision"u8, revision);
        WriteSkew(writer, analysis.Times);
        WriteRoot(writer, trace);
        writer.WriteNumber("spanCount"u8, trace.SpanCount);
        WriteServices(writer, analysis);
        WriteSpans(writer, analysis, detailed);
        WriteCriticalPath(writer, analysis);
        WriteErrors(writer, analysis, detailed);
        WriteInsights(writer, analysis);
        WriteBusiness(writer, analysis);
        WriteWarnings(writer, analysis);
        writer.WriteEndObject();
    }

    /// <summary>Only where clocks differ: everything else in the object tells recorded times.</summary>
    private static void WriteSkew(Utf8JsonWriter writer, AdjustedTimes times)
    {
        if (!times.IsAdjusted)
        {
            return;
        }

        writer.WriteString("adjustedStartTime"u8, Rfc3339.Of(times.Start));
        writer.WriteNumber("adjustedDurationMs"u8, Milliseconds(times.Duration));
        writer.WriteStartArray("clockSkew"u8);
        foreach (SkewedClock clock in times.Clocks)
        {
            writer.WriteStartObject();
            writer.WriteString("service"u8, clock.Service);
            writer.WriteString("host"u8, clock.Host.Length == 0 ? null : clock.Host);
            writer.WriteNumber("shiftMs"u8, Milliseconds(clock.ShiftNano));
            writer.WriteNumber("spans"u8, clock.SpanCount);
            writer.WriteBoolean("steady"u8, clock.IsSteady);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteRoot(Utf8JsonWriter writer, Trace trace)
    {
        if (trace.Root < 0)
        {
            writer.WriteNull("root"u8);
            return;
        }

        ref readonly SpanRecord root = ref trace[trace.Root];
        writer.WriteStartObject("root"u8);
        writer.WriteString("service"u8, trace.Batch.Text(root.Service));
        writer.WriteString("operation"u8, trace.Batch.Text(root.Name));
        WriteId(writer, "spanId"u8, root.SpanId);
        writer.WriteEndObject();
    }

    private static void WriteServices(Utf8JsonWriter writer, TraceAnalysis analysis)
    {
        writer.WriteStartArray("services"u8);
        foreach (ServiceSummary service in analysis.Services)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, service.Name);
            writer.WriteNumber("spans"u8, service.SpanCount);
            writer.WriteNumber("errors"u8, service.ErrorCount);
            writer.WriteNumber("selfTimeMs"u8, Milliseconds(service.SelfNano));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteSpans(Utf8JsonWriter writer, TraceAnalysis analysis, bool detailed)
    {
        Trace trace = analysis.Trace;
        ReadOnlySpan<long> selfTimes = analysis.SelfTimes;
        writer.WriteStartArray("spans"u8);
        for (int i = 0; i < trace.SpanCount; i++)
        {
            // The tree's parent, not the recorded one: they differ where a shared span's halves were told apart.
            SpanId parent = trace.Parents[i] >= 0 ? trace[trace.Parents[i]].SpanId : trace[i].ParentSpanId;
            WriteSpan(writer, trace.Batch, in trace[i], parent, selfTimes[i], analysis.Times.ShiftOf(i));
            if (detailed)
            {
                WriteSlack(writer, analysis.Slack, i);
            }

            writer.WriteEndObject();
            if (writer.BytesPending > FlushAt)
            {
                writer.Flush();
            }
        }

        writer.WriteEndArray();
    }

    /// <summary>All but the end of the object.</summary>
    private static void WriteSpan(Utf8JsonWriter writer, SpanBatch batch, in SpanRecord span, SpanId parent, long selfTime, long shift)
    {
        writer.WriteStartObject();
        WriteId(writer, "spanId"u8, span.SpanId);
        if (parent.IsZero)
        {
            writer.WriteNull("parentSpanId"u8);
        }
        else
        {
            WriteId(writer, "parentSpanId"u8, parent);
        }

        writer.WriteString("service"u8, batch.Text(span.Service));
        writer.WriteString("name"u8, batch.Text(span.Name));
        writer.WriteString("kind"u8, SpanNames.Of(span.Kind));
        WriteDigits(writer, "startUnixNano"u8, span.Start);
        if (span.IsOpen)
        {
            writer.WriteNull("endUnixNano"u8);
        }
        else
        {
            // As it was recorded, even before the start: warnings say so.
            WriteDigits(writer, "endUnixNano"u8, span.EndUnixNano != 0 ? span.EndUnixNano : span.End);
        }

        if (shift != 0)
        {
            WriteDigits(writer, "adjustedStartUnixNano"u8, span.Start + shift);
            if (!span.IsOpen)
            {
                WriteDigits(writer, "adjustedEndUnixNano"u8, span.End + shift);
            }
        }

        WriteDigits(writer, "selfTimeNs"u8, selfTime);
        writer.WriteString("status"u8, SpanNames.Of(span.Status));
    }

    private static void WriteSlack(Utf8JsonWriter writer, SpanSlack slack, int span)
    {
        if (slack.Slack[span] < 0)
        {
            writer.WriteNull("slackNs"u8);
        }
        else
        {
            WriteDigits(writer, "slackNs"u8, slack.Slack[span]);
        }

        WriteDigits(writer, "dragNs"u8, slack.Drag[span]);
    }

    private static void WriteCriticalPath(Utf8JsonWriter writer, TraceAnalysis analysis)
    {
        CriticalPath path = analysis.CriticalPath;
        if (!path.IsKnown)
        {
            writer.WriteNull("criticalPath"u8);
            return;
        }

        writer.WriteStartObject("criticalPath"u8);
        writer.WriteString("mode"u8, path.Mode == CriticalPathMode.Strict ? "strict"u8 : "tolerant"u8);
        writer.WriteStartArray("sections"u8);
        foreach (CriticalPathSection section in path.Sections)
        {
            writer.WriteStartObject();
            WriteId(writer, "spanId"u8, analysis.Trace[section.Span].SpanId);
            WriteDigits(writer, "startUnixNano"u8, section.Start);
            WriteDigits(writer, "endUnixNano"u8, section.End);
            writer.WriteEndObject();
            if (writer.BytesPending > FlushAt)
            {
                writer.Flush();
            }
        }

        writer.WriteEndArray();
        writer.WriteStartArray("exclusive"u8);
        foreach (ExclusiveTime time in analysis.Exclusive)
        {
            writer.WriteStartObject();
            writer.WriteString("service"u8, time.Service);
            writer.WriteString("operation"u8, time.Operation);
            WriteDigits(writer, "ns"u8, time.Nano);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteErrors(Utf8JsonWriter writer, TraceAnalysis analysis, bool detailed)
    {
        Trace trace = analysis.Trace;
        writer.WriteStartArray("errors"u8);
        foreach (SpanError error in analysis.Errors)
        {
            ref readonly SpanRecord span = ref trace[error.Span];
            writer.WriteStartObject();
            WriteId(writer, "spanId"u8, span.SpanId);
            writer.WriteString("service"u8, trace.Batch.Text(span.Service));
            writer.WriteString("operation"u8, trace.Batch.Text(span.Name));
            writer.WriteString("code"u8, error.Code);
            writer.WriteString("message"u8, error.Message);
            writer.WriteBoolean("rootCause"u8, error.IsRootCause);
            if (detailed)
            {
                writer.WriteString("stackTrace"u8, error.StackTrace);
                writer.WriteBoolean("recovered"u8, error.IsRecovered);
                writer.WriteString("causedBy"u8, error.CausedBy < 0 ? null : trace[error.CausedBy].SpanId.ToString());
            }

            writer.WriteEndObject();
            if (writer.BytesPending > FlushAt)
            {
                writer.Flush();
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteInsights(Utf8JsonWriter writer, TraceAnalysis analysis)
    {
        writer.WriteStartArray("insights"u8);
        foreach (Insight insight in analysis.Insights)
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, insight.Kind);
            writer.WriteStartArray("spanIds"u8);
            foreach (int span in insight.Spans)
            {
                writer.WriteStringValue(analysis.Trace[span].SpanId.ToString());
            }

            writer.WriteEndArray();
            writer.WriteNumber("costMs"u8, Milliseconds(insight.CostNano));
            writer.WriteString("text"u8, insight.Text);
            writer.WriteString("recommendation"u8, insight.Recommendation);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteBusiness(Utf8JsonWriter writer, TraceAnalysis analysis)
    {
        writer.WriteStartObject("business"u8);
        foreach (BusinessFact fact in analysis.Business)
        {
            if (fact.Kind is AttributeKind.Int64 or AttributeKind.Double && IsJsonNumber(fact.Value))
            {
                writer.WritePropertyName(fact.Key);
                writer.WriteRawValue(fact.Value);
            }
            else
            {
                writer.WriteString(fact.Key, fact.Value);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>Not a number and the infinities are no JSON.</summary>
    private static bool IsJsonNumber(string value) =>
        Utf8Parser.TryParse(Encoding.ASCII.GetBytes(value), out double number, out int used) && used == value.Length && double.IsFinite(number);

    private static void WriteWarnings(Utf8JsonWriter writer, TraceAnalysis analysis)
    {
        writer.WriteStartArray("warnings"u8);
        foreach (TraceWarning warning in analysis.Warnings)
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, warning.Kind);
            writer.WriteString("text"u8, warning.Text);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static double Milliseconds(long nano) => nano / 1e6;

    private static void WriteId(Utf8JsonWriter writer, ReadOnlySpan<byte> name, SpanId id)
    {
        Span<byte> hex = stackalloc byte[SpanId.HexLength];
        id.Format(hex);
        writer.WriteString(name, hex);
    }

    private static void WriteDigits(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out int length);
        writer.WriteString(name, digits[..length]);
    }
}
