using FsCheck.Xunit;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.TestSupport;

namespace ServerlessTrace.Core.Tests.Assembly;

public class TraceOutlineProperties
{
    [Property(MaxTest = 300)]
    public void An_outline_says_of_a_trace_what_the_whole_trace_says(int seed)
    {
        var random = new RandomParts(seed);
        IReadOnlyList<SpanPart> parts = random.Parts(60, traces: 5, partsPerSpan: 4);

        var outlines = new TraceOutlines();
        foreach (IReadOnlyList<SpanPart> batch in random.Split(parts))
        {
            outlines.Add(Batch(batch));
        }

        Assert.Equal(Expected(parts), outlines.Assemble(CancellationToken.None));
    }

    [Property(MaxTest = 300)]
    public void A_copy_has_what_its_records_have(int seed)
    {
        var random = new RandomParts(seed);
        SpanBatch batch = Batch(random.Parts(30, traces: 3, partsPerSpan: 3));
        var copy = new SpanBatchCopy();
        SpanBatch to = Batch(random.Parts(3));
        string expected = SpanBatchText.Describe(to);

        copy.Begin(batch, to);
        for (int i = batch.Count - 1; i >= 0; i -= 2)
        {
            expected += SpanBatchText.Describe(batch, i) + Environment.NewLine;
            copy.Add(in batch[i]);
        }

        Assert.Equal(expected, SpanBatchText.Describe(to));
    }

    private static SpanBatch Batch(IEnumerable<SpanPart> parts)
    {
        var batch = new SpanBatch();
        foreach (SpanPart part in parts)
        {
            part.AddTo(batch);
        }

        return batch;
    }

    private static IEnumerable<TraceOutline> Expected(IReadOnlyList<SpanPart> parts)
    {
        (SpanBatch batch, IReadOnlyList<TraceRange> traces) = RandomParts.Merge(parts);
        return traces.Select(range => Outline(new Trace(batch, range))).OrderBy(trace => trace.Start).ThenBy(trace => trace.Id);
    }

    private static TraceOutline Outline(Trace trace) => new(
        trace.Id,
        trace.Start,
        trace.Duration,
        trace.Status,
        trace.SpanCount,
        trace.ErrorCount,
        Enumerable.Range(0, trace.SpanCount).Select(i => trace.Batch.Text(trace[i].Service)).Distinct().Count(),
        trace.Root < 0 ? string.Empty : trace.Batch.Text(trace[trace.Root].Service),
        trace.Root < 0 ? string.Empty : trace.Batch.Text(trace[trace.Root].Name));
}
