using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Formats;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Tests.Formats;

/// <summary>The traces of sources, read and merged as they come.</summary>
internal static class ReadTrace
{
    public static Trace Only(params byte[][] sources)
    {
        (SpanBatch batch, IReadOnlyList<TraceRange> traces) = All(sources);
        return new Trace(batch, Assert.Single(traces));
    }

    public static (SpanBatch Batch, IReadOnlyList<TraceRange> Traces) All(params byte[][] sources)
    {
        SpanBatch batch = new();
        foreach (byte[] source in sources)
        {
            SpanSourceReader reader = new(new MemoryStream(source), "source.json", new ReadLimits { SpansPerBatch = int.MaxValue, BytesPerBatch = long.MaxValue });
            while (reader.ReadBatchAsync(batch, CancellationToken.None).AsTask().GetAwaiter().GetResult())
            {
            }

            Assert.Empty(reader.Statistics.Rejections);
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        return (batch, new SpanMerger().Merge(batch));
    }

    /// <summary>The tree as lines: <c>service name KIND</c>, indented by depth.</summary>
    public static string[] Tree(Trace trace)
    {
        List<string> lines = [];
        for (int i = 0; i < trace.SpanCount; i++)
        {
            if (trace.Parents[i] < 0)
            {
                Print(trace, i, 0, lines);
            }
        }

        return [.. lines];
    }

    private static void Print(Trace trace, int span, int depth, List<string> lines)
    {
        ref readonly SpanRecord record = ref trace[span];
        lines.Add($"{new string(' ', depth * 2)}{trace.Batch.Text(record.Service)} {trace.Batch.Text(record.Name)} {record.Kind}");
        for (int child = trace.FirstChildren[span]; child >= 0; child = trace.NextSiblings[child])
        {
            Print(trace, child, depth + 1, lines);
        }
    }
}
