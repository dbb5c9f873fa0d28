using System.Buffers;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Export;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Forwarding;
using ServerlessTrace.Storage.Packing;

namespace ServerlessTrace.Functions.Forwarding;

/// <summary>The batches that are sent as one OTLP request.</summary>
internal sealed class ForwardRequest
{
    private readonly List<ForwardBatch> _batches = [];
    private readonly SpanBatch _spans = new();
    private readonly SpanUnpacker _unpacker = new();

    /// <summary>The batches so far.</summary>
    public IReadOnlyList<ForwardBatch> Batches => _batches;

    /// <summary>How many spans they have.</summary>
    public int Spans => _spans.Count;

    /// <summary>About how long the request's body will be at most: as JSON, twice what the spans are in memory.</summary>
    public long ApproximateBytes => _spans.ApproximateSize * 2;

    /// <summary>Adds a batch with its traces' packed spans.</summary>
    public void Add(ForwardBatch batch, List<ReadOnlyMemory<byte>> traces)
    {
        _batches.Add(batch);
        foreach (ReadOnlyMemory<byte> trace in traces)
        {
            _unpacker.Unpack(trace.Span, _spans);
        }
    }

    /// <summary>The request's body. A trace that got late spans meanwhile is written as one.</summary>
    public ReadOnlyMemory<byte> ToBody(ForwardEncoding encoding)
    {
        var body = new ArrayBufferWriter<byte>();
        IEnumerable<Trace> traces = new SpanMerger().Merge(_spans).ToArray().Select(range => new Trace(_spans, range));
        if (encoding == ForwardEncoding.Json)
        {
            TraceExport.WriteOtlp(body, traces);
        }
        else
        {
            TraceExport.WriteOtlpProtobuf(body, traces);
        }

        return body.WrittenMemory;
    }

    /// <summary>Makes room for the next ones.</summary>
    public void Clear()
    {
        _batches.Clear();
        _spans.Clear();
    }
}
