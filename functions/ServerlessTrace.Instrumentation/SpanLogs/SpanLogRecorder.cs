using System.Buffers;
using System.Diagnostics;
using OpenTelemetry;

namespace ServerlessTrace.Instrumentation.SpanLogs;

/// <summary>Hands spans to a pipeline, from any thread: each has a writer and a buffer of its own, so that nothing is allocated a span and nobody waits.</summary>
internal sealed class SpanLogRecorder(SpanLogPipeline pipeline, SpanLogFormat format) : IDisposable
{
    private readonly ThreadLocal<Desk> _desks = new(() => new Desk(format), trackAllValues: true);

    public void Start(Activity span, Baggage baggage)
    {
        Desk desk = _desks.Value!;
        desk.Text.ResetWrittenCount();
        desk.Writer.WriteStart(span, baggage, desk.Text);
        pipeline.Write(desk.Text.WrittenSpan, 1);
    }

    public void End(Activity span, bool hasStart)
    {
        Desk desk = _desks.Value!;
        desk.Text.ResetWrittenCount();
        int records = desk.Writer.WriteEnd(span, hasStart, desk.Text);
        pipeline.Write(desk.Text.WrittenSpan, records);
    }

    public void Dispose()
    {
        foreach (Desk desk in _desks.Values)
        {
            desk.Writer.Dispose();
        }

        _desks.Dispose();
    }

    private sealed class Desk(SpanLogFormat format)
    {
        public SpanLogWriter Writer { get; } = new(format);

        public ArrayBufferWriter<byte> Text { get; } = new(4 << 10);
    }
}
