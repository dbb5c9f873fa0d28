using System.Buffers;
using System.Globalization;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Otlp;

/// <summary>Reads the body of one OTLP/HTTP request (OTLP specification, "OTLP/HTTP").</summary>
public static class OtlpRequest
{
    private const string Service = "unknown_service";

    /// <summary>Reads the body of a request to <c>/v1/traces</c>, decompressed.</summary>
    /// <param name="body">An <c>ExportTraceServiceRequest</c>.</param>
    /// <param name="isJson">Whether its content type is <c>application/json</c>, not <c>application/x-protobuf</c>.</param>
    /// <param name="batch">Where spans are appended; unchanged if the body cannot be read.</param>
    /// <param name="limits">Bounds on single records and values; the defaults if null. The batch is not bounded, the caller bounds the body.</param>
    /// <param name="statistics">Where records and rejections are counted, too, if wanted.</param>
    /// <exception cref="UnreadableSourceException">The body is no such message: the request is bad as a whole, and sending it again would not help.</exception>
    public static OtlpRequestResult ReadTraces(
        ReadOnlyMemory<byte> body, bool isJson, SpanBatch batch, ReadLimits? limits = null, SourceStatistics? statistics = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ReadLimits bounds = (limits ?? new ReadLimits()) with { SpansPerBatch = int.MaxValue, BytesPerBatch = long.MaxValue };
        SourceStatistics counts = statistics ?? new SourceStatistics();
        SpanBatchMark before = batch.Mark();
        long acceptedBefore = counts.Records;
        long rejectedBefore = counts.Rejected;
        int keptBefore = counts.Rejections.Count;
        string? broken = isJson ? ReadJson(body.Span, batch, bounds, counts) : ReadProtobuf(body.Span, batch, bounds, counts);
        counts.Format = isJson ? SourceFormat.OtlpJson : SourceFormat.OtlpProtobuf;
        if (broken is not null)
        {
            batch.Rewind(before);
            throw new UnreadableSourceException($"The body is no {(isJson ? "JSON" : "protobuf")} ExportTraceServiceRequest: {broken}");
        }

        long rejected = counts.Rejected - rejectedBefore;
        return new OtlpRequestResult(counts.Records - acceptedBefore, rejected, rejected == 0 ? null : Describe(counts, rejected, keptBefore));
    }

    private static string? ReadJson(ReadOnlySpan<byte> body, SpanBatch batch, ReadLimits limits, SourceStatistics statistics)
    {
        OtlpJsonReader reader = new(limits, statistics, Service);
        Read(reader, body, batch);
        return reader.Broken ?? (reader.Documents == 1 ? null
            : string.Create(CultureInfo.InvariantCulture, $"expected one JSON object, not {reader.Documents}"));
    }

    private static string? ReadProtobuf(ReadOnlySpan<byte> body, SpanBatch batch, ReadLimits limits, SourceStatistics statistics)
    {
        OtlpProtobufReader reader = new(limits, statistics, Service, OtlpSignal.Traces);
        Read(reader, body, batch);
        return reader.Broken;
    }

    private static void Read(FormatReader reader, ReadOnlySpan<byte> body, SpanBatch batch)
    {
        byte[] content = ArrayPool<byte>.Shared.Rent(body.Length + JsonScanner.Slack);
        try
        {
            body.CopyTo(content);
            content[body.Length] = 0;
            reader.Read(new SourceContent(content.AsSpan(0, body.Length), 0, isLast: true), batch, out _);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(content);
        }
    }

    private static string Describe(SourceStatistics statistics, long rejected, int keptBefore)
    {
        string first = statistics.Rejections.Count > keptBefore ? statistics.Rejections[keptBefore].Reason : "see the receipt";
        return string.Create(CultureInfo.InvariantCulture, $"{rejected} rejected, the first because of: {first}");
    }
}
