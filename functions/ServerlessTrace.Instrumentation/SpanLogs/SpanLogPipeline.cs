using System.Threading.Channels;

namespace ServerlessTrace.Instrumentation.SpanLogs;

/// <summary>
/// Between spans and a sink: records are copied into batches, which are used again and again, and one task writes these to the sink, each as soon as it is full or
/// <see cref="SpanLogPipelineOptions.FlushInterval"/> old. Bounded: when the sink is slower than the spans, records are dropped and counted, or the
/// application waits.
/// </summary>
public sealed class SpanLogPipeline : IAsyncDisposable
{
    private readonly SpanLogSink _sink;
    private readonly SpanLogPipelineOptions _options;
    private readonly TimeProvider _clock;
    private readonly Channel<Batch> _full = Channel.CreateUnbounded<Batch>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SemaphoreSlim _room;
    private readonly Lock _gate = new();
    private readonly Stack<Batch> _used = new();
    private readonly CancellationTokenSource _giveUp = new();
    private readonly ITimer _flushing;
    private readonly Task _writing;
    private Batch? _open;
    private bool _closed;
    private long _written;
    private long _dropped;

    /// <summary>Begins to write to a sink, which it disposes at its end.</summary>
    public SpanLogPipeline(SpanLogSink sink, SpanLogPipelineOptions? options = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(sink);
        _sink = sink;
        _options = options ?? new SpanLogPipelineOptions();
        _clock = clock ?? TimeProvider.System;
        _room = new SemaphoreSlim(Math.Max(2, _options.BufferedBytes / _options.BatchBytes));
        _flushing = _clock.CreateTimer(static state => ((SpanLogPipeline)state!).CloseBatch(), this, _options.FlushInterval, _options.FlushInterval);
        _writing = Task.Run(WriteAllAsync);
    }

    /// <summary>Records that the sink has taken.</summary>
    public long WrittenRecords => Interlocked.Read(ref _written);

    /// <summary>Records that were lost: there was no room, they were too long, or the sink failed to the last try.</summary>
    public long DroppedRecords => Interlocked.Read(ref _dropped);

    /// <summary>Takes records; returns whether there was room.</summary>
    /// <param name="lines">Whole lines.</param>
    /// <param name="records">How many records they are.</param>
    public bool Write(ReadOnlySpan<byte> lines, int records)
    {
        if (records > 1 && lines.Length > _sink.MaxRecordBytes)
        {
            return WriteEach(lines);
        }

        bool hasRoom = false;
        if (lines.Length <= _sink.MaxRecordBytes)
        {
            while (true)
            {
                Outcome outcome = TryAppend(lines, records, hasRoom);
                if (outcome == Outcome.Taken)
                {
                    return true;
                }

                if (outcome == Outcome.Closed || hasRoom || _options.WhenFull == WhenFull.Drop || !_room.Wait(_options.MaxWait))
                {
                    break;
                }

                hasRoom = true;
            }
        }

        Drop(records);
        return false;
    }

    /// <summary>Waits until everything that was taken before is with the sink, or dropped.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            CloseBatchLocked();
            if (!_full.Writer.TryWrite(new Batch([], reached)))
            {
                return;
            }
        }

        await reached.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes what is buffered, for <see cref="SpanLogPipelineOptions.ShutdownTimeout"/> at most, and disposes the sink.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            CloseBatchLocked();
            _closed = true;
            _full.Writer.Complete();
        }

        await _flushing.DisposeAsync().ConfigureAwait(false);
        _giveUp.CancelAfter(_options.ShutdownTimeout);
        await _writing.ConfigureAwait(false);
        await _sink.DisposeAsync().ConfigureAwait(false);
        _giveUp.Dispose();
        _room.Dispose();
    }

    private bool WriteEach(ReadOnlySpan<byte> lines)
    {
        bool all = true;
        while (!lines.IsEmpty)
        {
            int length = lines.IndexOf((byte)'\n') + 1;
            all &= Write(lines[..length], 1);
            lines = lines[length..];
        }

        return all;
    }

    /// <param name="lines">Whole lines.</param>
    /// <param name="records">How many records.</param>
    /// <param name="hasRoom">Whether the caller has taken room for another batch, which is given back if it is not needed.</param>
    private Outcome TryAppend(ReadOnlySpan<byte> lines, int records, bool hasRoom)
    {
        lock (_gate)
        {
            if (!_closed && _open is { } open && open.Bytes.Length - open.Length >= lines.Length)
            {
                if (hasRoom)
                {
                    _room.Release();
                }

                open.Append(lines, records);
                return Outcome.Taken;
            }

            if (_closed || !(hasRoom || _room.Wait(0)))
            {
                return _closed ? Outcome.Closed : Outcome.Full;
            }

            CloseBatchLocked();
            _open = lines.Length <= _options.BatchBytes && _used.TryPop(out Batch? used) ? used : new Batch(new byte[Math.Max(_options.BatchBytes, lines.Length)]);
            _open.Append(lines, records);
            return Outcome.Taken;
        }
    }

    private void CloseBatch()
    {
        lock (_gate)
        {
            CloseBatchLocked();
        }
    }

    private void CloseBatchLocked()
    {
        if (_open is { } batch && _full.Writer.TryWrite(batch))
        {
            _open = null;
        }
    }

    private async Task WriteAllAsync()
    {
        await foreach (Batch batch in _full.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (batch.Reached is { } reached)
            {
                reached.SetResult();
                continue;
            }

            if (await TryWriteAsync(batch).ConfigureAwait(false))
            {
                Interlocked.Add(ref _written, batch.Records);
                InstrumentationMeter.WrittenRecords.Add(batch.Records);
            }
            else
            {
                Drop(batch.Records);
            }

            Reuse(batch);
            _room.Release();
        }
    }

    private async Task<bool> TryWriteAsync(Batch batch)
    {
        TimeSpan pause = _options.RetryPause;
        for (int tries = 1; !_giveUp.IsCancellationRequested; tries++)
        {
            try
            {
                await _sink.WriteAsync(batch.Bytes.AsMemory(0, batch.Length), _giveUp.Token).ConfigureAwait(false);
                return true;
            }
#pragma warning disable CA1031 // Whatever it is: logging must not end the process.
            catch (Exception) when (tries < _options.Tries)
            {
                await Task.Delay(pause, _clock, _giveUp.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause *= 2;
            }
            catch (Exception)
            {
                return false;
            }
#pragma warning restore CA1031
        }

        return false;
    }

    private void Reuse(Batch batch)
    {
        batch.Clear();
        lock (_gate)
        {
            if (batch.Bytes.Length == _options.BatchBytes)
            {
                _used.Push(batch);
            }
        }
    }

    private void Drop(int records)
    {
        Interlocked.Add(ref _dropped, records);
        InstrumentationMeter.DroppedRecords.Add(records);
    }

    private enum Outcome
    {
        Taken,
        Full,
        Closed,
    }

    private sealed class Batch(byte[] bytes, TaskCompletionSource? reached = null)
    {
        public byte[] Bytes => bytes;

        public int Length { get; private set; }

        public int Records { get; private set; }

        /// <summary>Set by whoever waits for this place in the queue.</summary>
        public TaskCompletionSource? Reached => reached;

        public void Append(ReadOnlySpan<byte> lines, int records)
        {
            lines.CopyTo(bytes.AsSpan(Length));
            Length += lines.Length;
            Records += records;
        }

        public void Clear()
        {
            Length = 0;
            Records = 0;
        }
    }
}
