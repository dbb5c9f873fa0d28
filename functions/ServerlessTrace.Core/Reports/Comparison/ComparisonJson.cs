using System.Text.Json;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Comparison;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Reports.Comparison;

/// <summary>
/// The comparison of two traces as a JSON object: <c>before</c> and <c>after</c> (the traces), <c>isEmpty</c>, <c>durationChangeMs</c>,
/// <c>services</c>, <c>operations</c> (each with <c>before</c>, <c>after</c> and <c>criticalPathChangeMs</c>) and <c>structure</c>
/// (<c>kind</c> is <c>only-before</c>, <c>only-after</c> or <c>count</c>).
/// </summary>
public static class ComparisonJson
{
    /// <summary>Entries of each list at most.</summary>
    private const int Entries = 1000;

    /// <summary>Writes a comparison, synchronously.</summary>
    public static void Write(Stream destination, TraceComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(comparison);
        using var writer = new Utf8JsonWriter(destination, TraceReportJson.Options);
        writer.WriteStartObject();
        WriteTrace(writer, "before"u8, comparison.Before);
        WriteTrace(writer, "after"u8, comparison.After);
        writer.WriteBoolean("isEmpty"u8, comparison.IsEmpty);
        writer.WriteNumber("durationChangeMs"u8, comparison.DurationNano / 1e6);
        WriteChanges(writer, "services"u8, comparison.Services);
        WriteChanges(writer, "operations"u8, comparison.Operations);
        WriteStructure(writer, comparison);
        writer.WriteEndObject();
    }

    private static void WriteTrace(Utf8JsonWriter writer, ReadOnlySpan<byte> name, TraceAnalysis analysis)
    {
        writer.WriteStartObject(name);
        writer.WriteString("traceId"u8, analysis.Trace.Id.ToString());
        writer.WriteString("startTime"u8, Rfc3339.Of(analysis.Times.Start));
        writer.WriteNumber("durationMs"u8, analysis.Times.Duration / 1e6);
        writer.WriteString("status"u8, SpanNames.Of(analysis.Trace.Status));
        writer.WriteNumber("spanCount"u8, analysis.Trace.SpanCount);
        writer.WriteNumber("errorCount"u8, analysis.Trace.ErrorCount);
        writer.WriteString("rootCauseSpanId"u8, analysis.RootCause is { } cause ? analysis.Trace[cause.Span].SpanId.ToString() : null);
        writer.WriteEndObject();
    }

    private static void WriteChanges(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<OperationChange> changes)
    {
        writer.WriteStartArray(name);
        foreach (OperationChange change in ComparisonText.WeightiestOf(changes, Entries))
        {
            writer.WriteStartObject();
            writer.WriteString("service"u8, change.Service);
            if (change.Operation is not null)
            {
                writer.WriteString("operation"u8, change.Operation);
            }

            writer.WriteNumber("criticalPathChangeMs"u8, change.PathNano / 1e6);
            WriteSums(writer, "before"u8, change.Before);
            WriteSums(writer, "after"u8, change.After);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteSums(Utf8JsonWriter writer, ReadOnlySpan<byte> name, SpanSums sums)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("spans"u8, sums.Spans);
        writer.WriteNumber("errors"u8, sums.Errors);
        writer.WriteNumber("selfTimeMs"u8, sums.SelfNano / 1e6);
        writer.WriteNumber("criticalPathMs"u8, sums.PathNano / 1e6);
        writer.WriteEndObject();
    }

    private static void WriteStructure(Utf8JsonWriter writer, TraceComparison comparison)
    {
        writer.WriteStartArray("structure"u8);
        foreach (StructureChange change in comparison.Structure.Take(Entries))
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, change.After == 0 ? "only-before"u8 : change.Before == 0 ? "only-after"u8 : "count"u8);
            writer.WriteStartArray("path"u8);
            foreach ((string service, string operation) in change.Path)
            {
                writer.WriteStartObject();
                writer.WriteString("service"u8, service);
                writer.WriteString("operation"u8, operation);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteNumber("depth"u8, change.Depth);
            writer.WriteNumber("before"u8, change.Before);
            writer.WriteNumber("after"u8, change.After);
            writer.WriteNumber("spansBelow"u8, change.SpansBelow);
            WriteIds(writer, comparison.Before.Trace, change.BeforeSpans, comparison.After.Trace, change.AfterSpans);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Of a call that only one trace makes, its spans there.</summary>
    private static void WriteIds(Utf8JsonWriter writer, Trace before, IReadOnlyList<int> beforeSpans, Trace after, IReadOnlyList<int> afterSpans)
    {
        (Trace trace, IReadOnlyList<int> spans) = beforeSpans.Count > 0 ? (before, beforeSpans) : (after, afterSpans);
        writer.WriteStartArray("spanIds"u8);
        foreach (int span in spans)
        {
            SpanId id = trace[span].SpanId;
            writer.WriteStringValue(id.ToString());
        }

        writer.WriteEndArray();
    }
}
