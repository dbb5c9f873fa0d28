using System.Runtime.CompilerServices;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Packing;

/// <summary>
/// Packs span records, and the texts, attributes, events and links they use, into few bytes; <see cref="SpanUnpacker"/> is its inverse.
/// The same content gives the same bytes. Reuse one: it keeps its buffers. Not thread-safe.
/// </summary>
public sealed class SpanPacker
{
    private readonly PackWriter _codes = new(8192);
    private readonly PackWriter _literals = new(8192);
    private readonly PackWriter _noise = new(8192);
    private readonly PackFrame _frame;
    private readonly TextPacker _texts;
    private readonly NumberedSet<SpanProfile> _profiles = new();
    private readonly NumberedSet<TraceId> _traces = new();
    private readonly NumberedSet<ulong> _spanIds = new();
    private readonly ColumnPacker _columns;
    private readonly SequenceSet _shapes = new();
    private readonly SequenceSet _shared = new();
    private ulong[] _words = new ulong[64];
    private TraceId _trace;
    private (int Start, int Count, int Number) _lastShared;
    private long _before;
    private long _footprint;

    /// <summary>A packer.</summary>
    public SpanPacker()
        : this(PackFormat.LeastCompressed)
    {
    }

    internal SpanPacker(int leastCompressed)
    {
        _frame = new PackFrame(leastCompressed);
        _texts = new TextPacker(_codes, _literals, _noise);
        _columns = new ColumnPacker(_codes, _noise, _texts);
    }

    /// <summary>Of the last pack, how many bytes at its end no compressor is shown.</summary>
    internal int NoiseLength => _noise.Length;

    /// <summary>Packs the given records in the given order. The bytes are valid until the next call.</summary>
    /// <param name="batch">Where the records are.</param>
    /// <param name="spans">Indexes of records.</param>
    public ReadOnlyMemory<byte> Pack(SpanBatch batch, ReadOnlySpan<int> spans)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Begin(batch);
        foreach (int index in spans)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)batch.Count, nameof(spans));
            Write(batch, ref batch[index]);
        }

        return _frame.Close(spans.Length, _codes, _literals, _noise, _footprint);
    }

    /// <summary>Packs a range of records. The bytes are valid until the next call.</summary>
    /// <param name="batch">Where the records are.</param>
    /// <param name="start">The first record.</param>
    /// <param name="count">How many records.</param>
    public ReadOnlyMemory<byte> Pack(SpanBatch batch, int start, int count)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Begin(batch);
        foreach (ref SpanRecord span in batch.Spans.Slice(start, count))
        {
            Write(batch, ref span);
        }

        return _frame.Close(count, _codes, _literals, _noise, _footprint);
    }

    private void Begin(SpanBatch batch)
    {
        _codes.Clear();
        _literals.Clear();
        _noise.Clear();
        _texts.Begin(batch.Strings);
        _profiles.Clear();
        _traces.Clear();
        _spanIds.Clear();
        _columns.Begin();
        _shapes.Clear();
        _shared.Clear();
        _trace = default;
        _lastShared = default;
        _before = 0;
        _footprint = 0;
    }

    private void Write(SpanBatch batch, ref readonly SpanRecord span)
    {
        ReadOnlySpan<SpanAttribute> attributes = batch.Attributes(span);
        bool otherTrace = span.TraceId != _trace;
        int shape = Shape(attributes);
        int shared = Shared(batch, in span);
        int spanId = span.SpanId.IsZero ? 0 : Id(span.SpanId);
        int parentId = span.ParentSpanId.IsZero ? 0 : Id(span.ParentSpanId);
        Presence presence = Present(in span, spanId, parentId);
        SpanProfile profile = new(
            span.Service, span.Name, Number(shape), Number(shared), (byte)span.Kind | ((uint)(byte)span.Status << 8) | ((ulong)span.Flags << 16), presence);

        int number = _profiles.Add(profile, profile.Hash);
        _codes.Varint((Number(number) << 1) | (otherTrace ? 1 : 0));
        if (number < 0)
        {
            Write(batch, in span, presence, shape, shared, attributes);
        }

        if (otherTrace)
        {
            Write(span.TraceId);
            _trace = span.TraceId;
        }

        if ((presence & Presence.NoSpanId) == 0)
        {
            WriteId(spanId, span.SpanId);
        }

        if ((presence & (Presence.KnownParent | Presence.NewParent)) != 0)
        {
            WriteId(parentId, span.ParentSpanId);
        }

        WriteTimes(in span, presence);
        _columns.WriteCells(Number(shape), attributes);
        if (presence >= Presence.StatusMessage)
        {
            WriteRest(batch, in span, presence);
        }

        _footprint += PackFormat.Footprint(1, attributes.Length, span.EventCount, span.LinkCount);
    }

    private static Presence Present(ref readonly SpanRecord span, int spanId, int parentId)
    {
        Presence presence = spanId > 0 ? Presence.KnownSpanId : spanId < 0 ? Presence.None : Presence.NoSpanId;
        presence |= parentId > 0 ? Presence.KnownParent : parentId < 0 ? Presence.NewParent : Presence.None;
        presence |= (span.StartUnixNano != 0 ? Presence.Start : Presence.None) | (span.EndUnixNano != 0 ? Presence.End : Presence.None);
        long reported = 0;
        if (span.ReportedDurationPlusOne != 0)
        {
            reported = unchecked(span.ReportedDurationPlusOne - 1);
            presence |= reported == unchecked(span.EndUnixNano - span.StartUnixNano) ? Presence.ReportedAsMeasured : Presence.Reported;
            reported = (presence & Presence.Reported) != 0 ? reported : 0;
        }

        presence |= (Presence)TimeScale.Of(span.StartUnixNano, span.EndUnixNano, reported);
        return presence
            | (span.StatusMessage != 0 ? Presence.StatusMessage : Presence.None) | (span.TraceState != 0 ? Presence.TraceState : Presence.None)
            | (span.EventCount != 0 ? Presence.Events : Presence.None) | (span.LinkCount != 0 ? Presence.Links : Presence.None);
    }

    /// <summary>A new profile.</summary>
    private void Write(
        SpanBatch batch, ref readonly SpanRecord span, Presence presence, int shape, int shared, ReadOnlySpan<SpanAttribute> attributes)
    {
        // Usual kinds, statuses and flags fit one byte; 7 and 3 announce unusual ones.
        int kind = Math.Min((int)span.Kind, 7);
        int status = Math.Min((int)span.Status, 3);
        _codes.Varint(kind | (status << 3) | ((int)span.Flags << 5));
        if (kind == 7)
        {
            _codes.Byte((byte)span.Kind);
        }

        if (status == 3)
        {
            _codes.Byte((byte)span.Status);
        }

        _codes.Varint((int)presence);
        _texts.Write(span.Service);
        _texts.Write(span.Name);
        WriteShape(shape, attributes);
        _codes.Varint(Number(shared));
        if (shared < 0)
        {
            ReadOnlySpan<SpanAttribute> sharedAttributes = batch.SharedAttributes(span);
            WriteAttributes(sharedAttributes);
            _footprint += PackFormat.Footprint(0, sharedAttributes.Length, 0, 0);
        }
    }

    private void Write(TraceId trace)
    {
        int number = _traces.Add(trace, SeededHash.Of(trace));
        _codes.Varint(number < 0 ? 0 : _traces.Count - number);
        if (number < 0)
        {
            _noise.Fixed64(trace.High);
            _noise.Fixed64(trace.Low);
        }
    }

    private void WriteTimes(ref readonly SpanRecord span, Presence presence)
    {
        int scale = (int)(presence & Presence.Scale);
        long before = _before;
        if ((presence & Presence.Start) != 0)
        {
            _codes.Signed(TimeScale.Less(span.StartUnixNano, before, scale));
            _before = before = span.StartUnixNano;
        }

        if ((presence & Presence.End) != 0)
        {
            _codes.Signed(TimeScale.Less(span.EndUnixNano, before, scale));
            _before = (presence & Presence.Start) != 0 ? before : span.EndUnixNano;
        }

        if ((presence & Presence.Reported) != 0)
        {
            // Close to the measured duration where there is one.
            long measured = (presence & (Presence.Start | Presence.End)) == (Presence.Start | Presence.End) ? unchecked(span.EndUnixNano - span.StartUnixNano) : 0;
            _codes.Signed(TimeScale.Less(unchecked(span.ReportedDurationPlusOne - 1), measured, scale));
        }
    }

    private void WriteRest(SpanBatch batch, ref readonly SpanRecord span, Presence presence)
    {
        if ((presence & Presence.StatusMessage) != 0)
        {
            _texts.Write(span.StatusMessage);
        }

        if ((presence & Presence.TraceState) != 0)
        {
            _texts.Write(span.TraceState);
        }

        if ((presence & Presence.Events) != 0)
        {
            WriteEvents(batch, in span);
        }

        if ((presence & Presence.Links) != 0)
        {
            WriteLinks(batch, in span);
        }
    }

    private void WriteEvents(SpanBatch batch, ref readonly SpanRecord span)
    {
        _codes.Varint(span.EventCount);
        long before = _before;
        foreach (ref readonly SpanEvent spanEvent in batch.Events(span))
        {
            ReadOnlySpan<SpanAttribute> attributes = batch.Attributes(spanEvent);
            int scale = TimeScale.Of(spanEvent.TimeUnixNano, 0, 0);
            _texts.Write(spanEvent.Name);
            _codes.Byte((byte)(spanEvent.TimeUnixNano == 0 ? PackFormat.NoTime : scale));
            if (spanEvent.TimeUnixNano != 0)
            {
                _codes.Signed(TimeScale.Less(spanEvent.TimeUnixNano, before, scale));
                before = spanEvent.TimeUnixNano;
            }

            WriteAttributes(attributes);
            _footprint += PackFormat.Footprint(0, attributes.Length, 0, 0);
        }
    }

    private void WriteLinks(SpanBatch batch, ref readonly SpanRecord span)
    {
        _codes.Varint(span.LinkCount);
        foreach (ref readonly SpanLink link in batch.Links(span))
        {
            ReadOnlySpan<SpanAttribute> attributes = batch.Attributes(link);
            Write(link.TraceId);
            int id = Id(link.SpanId);
            _codes.Byte((byte)(id < 0 ? 0 : 1));
            WriteId(id, link.SpanId);
            WriteAttributes(attributes);
            _footprint += PackFormat.Footprint(0, attributes.Length, 0, 0);
        }
    }

    /// <summary>How far back an id was written, or -1 if it is new: of few spans the parent is far away.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Id(SpanId id)
    {
        int number = _spanIds.Add(id.Value, SeededHash.Of(id.Value));
        return number < 0 ? -1 : _spanIds.Count - number;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteId(int back, SpanId id)
    {
        if (back < 0)
        {
            _noise.Fixed64(id.Value);
        }
        else
        {
            _codes.Varint(back);
        }
    }

    /// <summary>The number of the attributes' shape; its complement if it is new.</summary>
    private int Shape(ReadOnlySpan<SpanAttribute> attributes)
    {
        Span<ulong> words = Words(attributes.Length);
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = ColumnPacker.Column(in attributes[i]);
        }

        return _shapes.Add(words);
    }

    private void WriteShape(int shape, ReadOnlySpan<SpanAttribute> attributes)
    {
        _codes.Varint(Number(shape));
        if (shape < 0)
        {
            _columns.WriteShape(attributes);
            _footprint += PackFormat.Footprint(0, attributes.Length, 0, 0);
        }
    }

    private void WriteAttributes(ReadOnlySpan<SpanAttribute> attributes)
    {
        int shape = Shape(attributes);
        WriteShape(shape, attributes);
        _columns.WriteCells(Number(shape), attributes);
    }

    /// <summary>
    /// The number of the shared attributes, by content: packs that were read into one batch bring the same resources again and again.
    /// Its complement if they are new.
    /// </summary>
    private int Shared(SpanBatch batch, ref readonly SpanRecord span)
    {
        if (span.SharedCount == 0)
        {
            return 0;
        }

        if (span.SharedStart == _lastShared.Start && span.SharedCount == _lastShared.Count)
        {
            return _lastShared.Number;
        }

        ReadOnlySpan<SpanAttribute> attributes = batch.SharedAttributes(span);
        Span<ulong> words = Words(attributes.Length * 2);
        for (int i = 0; i < attributes.Length; i++)
        {
            words[2 * i] = ColumnPacker.Column(in attributes[i]);
            words[(2 * i) + 1] = (ulong)attributes[i].Bits;
        }

        int number = _shared.Add(words);
        _lastShared = (span.SharedStart, span.SharedCount, Number(number));
        return number;
    }

    private Span<ulong> Words(int count)
    {
        if (_words.Length < count)
        {
            _words = new ulong[Math.Max(count, _words.Length * 2)];
        }

        return _words.AsSpan(0, count);
    }

    /// <summary>New ones are told as complements: their number is the next one, which says to the reader that they follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Number(int number) => number < 0 ? ~number : number;
}
