using System.Text.Json.Nodes;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Reports;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Instrumentation.Tests.SpanLogs;

/// <summary>What the backend makes of span logs.</summary>
internal static class ReadBack
{
    /// <summary>The traces that the only trace's spans link to.</summary>
    public static async Task<IEnumerable<string>> LinkedTracesAsync(byte[] lines)
    {
        (SpanBatch batch, _) = await ReadAsync(lines);
        SpanRecord span = batch[0];
        return [.. batch.Links(span).ToArray().Select(link => link.TraceId.ToString())];
    }

    /// <summary>The only trace, as the API gives it; nothing was rejected.</summary>
    public static async Task<JsonObject> OneTraceAsync(byte[] lines)
    {
        (SpanBatch batch, TraceRange range) = await ReadAsync(lines);
        var json = new System.Buffers.ArrayBufferWriter<byte>();
        TraceReportJson.Write(json, new TraceAnalysis(new Trace(batch, range)), isSealed: true, revision: 1);
        return JsonNode.Parse(json.WrittenSpan)!.AsObject();
    }

    private static async Task<(SpanBatch Batch, TraceRange Range)> ReadAsync(byte[] lines)
    {
        var batch = new SpanBatch();
        await using var reader = new SpanSourceReader(new MemoryStream(lines), "span-logs.ndjson");
        while (await reader.ReadBatchAsync(batch, default))
        {
        }

        Assert.Equal((0, 0), (reader.Statistics.Rejected, reader.Statistics.ServiceFromSource));
        return (batch, Assert.Single(new SpanMerger().Merge(batch)));
    }
}
