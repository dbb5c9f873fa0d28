using System.Buffers;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Generation;

/// <summary>
/// Makes up the traces of a shop's services, as spans or as span logs. Every trace is complete: its root ended, all parents are there, and every CLIENT
/// span has a SERVER child or names a <c>peer.service</c> that logs no spans (redis, stripe, smtp.example.com). The database does log spans.
/// One instance generates its load once; it holds only <see cref="GeneratorOptions.TracesPerBatch"/> traces in memory.
/// </summary>
public sealed class SpanLogGenerator
{
    private readonly GeneratorOptions _options;
    private readonly TraceScenarios _scenarios;
    private readonly SpanEmitter _emitter;
    private readonly long _startMicros;
    private long _traces;
    private long _remaining;

    /// <summary>A generator at its beginning.</summary>
    public SpanLogGenerator(GeneratorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Spans);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.TracesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.TracesPerBatch);
        _options = options;
        _scenarios = new TraceScenarios(options.Seed);
        _emitter = new SpanEmitter(options.Shape, options.Seed);
        _startMicros = (options.Start.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
        _remaining = options.Spans;
    }

    /// <summary>The names of all services that log spans.</summary>
    public static IReadOnlyList<string> Services { get; } = [.. Operations.Services];

    /// <summary>Spans generated so far.</summary>
    public long SpanCount { get; private set; }

    /// <summary>Traces generated so far.</summary>
    public long TraceCount => _traces;

    /// <summary>
    /// Clears a batch and fills it with the next traces, as <see cref="SpanBatch"/> records that reading the span logs would give:
    /// merged spans, or for <see cref="LoadShape.Benchmark"/> what the one <c>span_end</c> record says.
    /// </summary>
    /// <returns>False when nothing is left to generate.</returns>
    public bool Next(SpanBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Clear();
        _emitter.Forget();
        for (int i = 0; i < _options.TracesPerBatch && _remaining > 0; i++)
        {
            LayOutTrace();
            _emitter.Emit(_scenarios.Plan, batch);
            _remaining -= _scenarios.Plan.Count;
            SpanCount += _scenarios.Plan.Count;
            _traces++;
        }

        return batch.Count > 0;
    }

    /// <summary>Writes all that is left as span logs, one JSON object a line.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Write(_ => output, static () => { });
    }

    /// <summary>Writes all that is left, in a format.</summary>
    public void Write(Stream output, LoadFormat format = LoadFormat.SpanLog)
    {
        ArgumentNullException.ThrowIfNull(output);
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        if (format == LoadFormat.SpanLog)
        {
            Write(_ => buffer, () => Flush(buffer, output));
            return;
        }

        var protobuf = new OtlpProtobufWriter();
        var batch = new SpanBatch();
        while (Next(batch))
        {
            if (format == LoadFormat.OtlpJson)
            {
                OtlpJsonWriter.Write(batch, buffer);
            }
            else
            {
                protobuf.Write(batch, buffer, framed: true);
            }

            Flush(buffer, output);
        }
    }

    /// <summary>Writes all that is left as span logs, the records of each service to a stream of its own, which is asked for at its first record.</summary>
    public void WriteByService(Func<string, Stream> outputOf)
    {
        ArgumentNullException.ThrowIfNull(outputOf);
        var buffers = new Dictionary<string, ArrayBufferWriter<byte>>(StringComparer.Ordinal);
        Write(
            service => System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(buffers, service, out _) ??= new ArrayBufferWriter<byte>(1 << 18),
            () =>
            {
                foreach ((string service, ArrayBufferWriter<byte> buffer) in buffers)
                {
                    if (buffer.WrittenCount > 0)
                    {
                        Flush(buffer, outputOf(service));
                    }
                }
            });
    }

    private void Write(Func<string, IBufferWriter<byte>> outputOf, Action batchWritten)
    {
        var writer = new SpanLogWriter();
        var batch = new SpanBatch();
        while (Next(batch))
        {
            writer.Write(batch, service => outputOf(batch.Text(service)));
            batchWritten();
        }
    }

    private void LayOutTrace()
    {
        long at = _startMicros + (_traces * 1_000_000 / _options.TracesPerSecond);
        if (_options.Shape == LoadShape.Benchmark)
        {
            _scenarios.TenSpans(at);
            return;
        }

        _scenarios.Realistic(at);
        if (_scenarios.Plan.Count > _remaining)
        {
            // So that the last traces add up to exactly the spans that were asked for.
            _scenarios.HealthCheck(at);
        }
    }

    private static void Flush(ArrayBufferWriter<byte> buffer, Stream output)
    {
        output.Write(buffer.WrittenSpan);
        buffer.ResetWrittenCount();
    }
}
