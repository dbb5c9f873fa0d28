using System.Runtime.CompilerServices;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Packing;

/// <summary>Reads what <see cref="SpanPacker"/> wrote. Reuse one: it keeps its buffers. Not thread-safe.</summary>
public sealed class SpanUnpacker
{
    private readonly PackOpener _opener = new();
    private readonly TextUnpacker _texts = new();
    private readonly NumberedList<Profile> _profiles = new();
    private readonly NumberedList<TraceId> _traces = new();
    private readonly NumberedList<SpanId> _spanIds = new();
    private readonly NumberedList<Column> _columns = new();
    private readonly NumberedList<(int Start, int Count)> _shapes = new();
    private readonly NumberedList<int> _shapeColumns = new();
    private readonly NumberedList<(int Start, int Count)> _shared = new();
    private TraceId _trace;
    private long _before;
    private long _footprint;

    /// <summary>Appends the packed records to a batch. What cannot be read leaves no record behind.</summary>
    /// <param name="packed">The bytes.</param>
    /// <param name="into">Where records go.</param>
    /// <exception cref="InvalidDataException">The bytes are damaged, or of a later version.</exception>
    public void Unpack(ReadOnlySpan<byte> packed, SpanBatch into)
    {
        ArgumentNullException.ThrowIfNull(into);
        SpanBatchMark mark = into.Mark();
        try
        {
            int spans = _opener.Open(packed, out PackReader codes, out PackReader texts, out PackReader noise, out _footprint);
            Source source = new() { Codes = codes, Texts = texts, Noise = noise };
            Begin(into);
            for (int i = 0; i < spans; i++)
            {
                Read(ref source, into);
            }

            if (source.Codes.Remaining != 0 || source.Texts.Remaining != 0 || source.Noise.Remaining != 0)
            {
                Malformed.Throw("bytes are left over");
            }
        }
        catch
        {
            into.Rewind(mark);
            throw;
        }
    }

    private void Begin(SpanBatch into)
    {
        _texts.Begin(into.Strings);
        _profiles.Clear();
        _traces.Clear();
        _spanIds.Clear();
        _columns.Clear();
        _shapes.Clear();
        _shapeColumns.Clear();
        _shared.Clear();
        _columns.Add(default);
        _shapes.Add((0, 0));
        _shared.Add((0, 0));
        _trace = default;
        _before = 0;
    }

    private void Read(ref Source source, SpanBatch into)
    {
        ref PackReader codes = ref source.Codes;
        int code = codes.Below((_profiles.Count + 1L) * 2, "a profile is referred to before it is written");
        if (code >> 1 == _profiles.Count)
        {
            ReadProfile(ref source, into);
        }

        ref readonly Profile profile = ref _profiles[code >> 1];
        Presence presence = profile.Presence;
        Spend(PackFormat.Footprint(1, profile.Shape.Count, 0, 0));
        ref SpanRecord span = ref into.AddSpan();
        span.Service = profile.Service;
        span.Name = profile.Name;
        span.Kind = profile.Kind;
        span.Status = profile.Status;
        span.Flags = profile.Flags;
        (span.SharedStart, span.SharedCount) = profile.Shared;
        if ((code & 1) != 0)
        {
            _trace = ReadTrace(ref source);
        }

        span.TraceId = _trace;
        if ((presence & Presence.NoSpanId) == 0)
        {
            span.SpanId = ReadId(ref source, (presence & Presence.KnownSpanId) != 0);
        }

        if ((presence & (Presence.KnownParent | Presence.NewParent)) != 0)
        {
            span.ParentSpanId = ReadId(ref source, (presence & Presence.KnownParent) != 0);
        }

        ReadTimes(ref codes, ref span, presence);
        span.AttributeStart = into.AttributeCount;
        span.AttributeCount = profile.Shape.Count;
        ReadCells(ref source, into, profile.Shape);
        if (presence >= Presence.StatusMessage)
        {
            ReadRest(ref source, into, ref span, presence);
        }
    }

    private void ReadProfile(ref Source source, SpanBatch into)
    {
        ref PackReader codes = ref source.Codes;
        int fields = codes.Below(1 << 29, "flags are too many");
        byte kind = (fields & 7) == 7 ? codes.Byte() : (byte)(fields & 7);
        byte status = ((fields >> 3) & 3) == 3 ? codes.Byte() : (byte)((fields >> 3) & 3);
        Presence presence = (Presence)codes.Below((int)Presence.All + 1, "a record says something unknown");
        int service = ReadText(ref source);
        int name = ReadText(ref source);
        (int Start, int Count) shape = ReadShape(ref source);
        int shared = codes.Below(_shared.Count + 1, "shared attributes are referred to before they are written");
        if (shared == _shared.Count)
        {
            (int Start, int Count) sharedShape = ReadShape(ref source);
            Spend(PackFormat.Footprint(0, sharedShape.Count, 0, 0));
            _shared.Add((into.AttributeCount, sharedShape.Count));
            ReadCells(ref source, into, sharedShape);
        }

        _profiles.Add(new Profile
        {
            Service = service, Name = name, Shape = shape, Shared = _shared[shared], Presence = presence,
            Kind = (SpanKind)kind, Status = (SpanStatus)status, Flags = (SpanFlags)(fields >> 5),
        });
    }

    private TraceId ReadTrace(ref Source source)
    {
        int back = source.Codes.Below(_traces.Count + 1L, "a trace is referred to before it is written");
        if (back != 0)
        {
            return _traces[_traces.Count - back];
        }

        TraceId trace = new(source.Noise.Fixed64(), source.Noise.Fixed64());
        _traces.Add(trace);
        return trace;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SpanId ReadId(ref Source source, bool known)
    {
        if (known)
        {
            int back = source.Codes.Below(_spanIds.Count + 1L, "an id is referred to before it is written");
            return _spanIds[_spanIds.Count - back];
        }

        SpanId id = new(source.Noise.Fixed64());
        _spanIds.Add(id);
        return id;
    }

    private void ReadTimes(ref PackReader codes, ref SpanRecord span, Presence presence)
    {
        int scale = (int)(presence & Presence.Scale);
        long before = _before;
        if ((presence & Presence.Start) != 0)
        {
            _before = before = span.StartUnixNano = TimeScale.Plus(before, codes.Signed(), scale);
        }

        if ((presence & Presence.End) != 0)
        {
            span.EndUnixNano = TimeScale.Plus(before, codes.Signed(), scale);
            _before = (presence & Presence.Start) != 0 ? before : span.EndUnixNano;
        }

        if ((presence & Presence.ReportedAsMeasured) != 0)
        {
            span.ReportedDurationPlusOne = unchecked(span.EndUnixNano - span.StartUnixNano + 1);
        }
        else if ((presence & Presence.Reported) != 0)
        {
            long measured = (presence & (Presence.Start | Presence.End)) == (Presence.Start | Presence.End) ? unchecked(span.EndUnixNano - span.StartUnixNano) : 0;
            span.ReportedDurationPlusOne = unchecked(TimeScale.Plus(measured, codes.Signed(), scale) + 1);
        }
    }

    private void ReadRest(ref Source source, SpanBatch into, ref SpanRecord span, Presence presence)
    {
        if ((presence & Presence.StatusMessage) != 0)
        {
            span.StatusMessage = ReadText(ref source);
        }

        if ((presence & Presence.TraceState) != 0)
        {
            span.TraceState = ReadText(ref source);
        }

        if ((presence & Presence.Events) != 0)
        {
            ReadEvents(ref source, into, ref span);
        }

        if ((presence & Presence.Links) != 0)
        {
            ReadLinks(ref source, into, ref span);
        }
    }

    private void ReadEvents(ref Source source, SpanBatch into, ref SpanRecord span)
    {
        span.EventStart = into.EventCount;
        span.EventCount = source.Codes.Below(source.Codes.Remaining + 1L, "the count of events is impossible");
        long before = _before;
        for (int i = 0; i < span.EventCount; i++)
        {
            SpanEvent spanEvent = new() { Name = ReadText(ref source) };
            int scale = source.Codes.Below(PackFormat.NoTime + 1, "an event's time has no such unit");
            if (scale != PackFormat.NoTime)
            {
                before = spanEvent.TimeUnixNano = TimeScale.Plus(before, source.Codes.Signed(), scale);
            }

            (spanEvent.AttributeStart, spanEvent.AttributeCount) = ReadAttributes(ref source, into);
            Spend(PackFormat.Footprint(0, 0, 1, 0));
            into.AddEvent(spanEvent);
        }
    }

    private void ReadLinks(ref Source source, SpanBatch into, ref SpanRecord span)
    {
        span.LinkStart = into.LinkCount;
        span.LinkCount = source.Codes.Below(source.Codes.Remaining + 1L, "the count of links is impossible");
        for (int i = 0; i < span.LinkCount; i++)
        {
            SpanLink link = new() { TraceId = ReadTrace(ref source) };
            link.SpanId = ReadId(ref source, source.Codes.Below(2, "an id is neither known nor new") != 0);
            (link.AttributeStart, link.AttributeCount) = ReadAttributes(ref source, into);
            Spend(PackFormat.Footprint(0, 0, 0, 1));
            into.AddLink(link);
        }
    }

    private (int Start, int Count) ReadAttributes(ref Source source, SpanBatch into)
    {
        (int Start, int Count) shape = ReadShape(ref source);
        Spend(PackFormat.Footprint(0, shape.Count, 0, 0));
        int start = into.AttributeCount;
        ReadCells(ref source, into, shape);
        return (start, shape.Count);
    }

    private (int Start, int Count) ReadShape(ref Source source)
    {
        int number = source.Codes.Below(_shapes.Count + 1L, "a shape is referred to before it is written");
        if (number < _shapes.Count)
        {
            return _shapes[number];
        }

        // The cells that follow take at least a bit each.
        int count = source.Codes.Below((source.Codes.Remaining * 8L) + 1, "the count of attributes is impossible");
        (int Start, int Count) shape = (_shapeColumns.Count, count);
        Spend(PackFormat.Footprint(0, count, 0, 0));
        for (int before = 0, i = 0; i < count;)
        {
            int column = source.Codes.Below(_columns.Count + 1L, "a column is referred to before it is written");
            if (column == 0)
            {
                int expected = source.Codes.Below(count - i + 1L, "a shape has more columns than it says");
                for (int end = i + expected; i < end; i++)
                {
                    before = _columns[before].Next;
                    _shapeColumns.Add(before);
                }

                continue;
            }

            if (column == _columns.Count)
            {
                _columns.Add(ReadColumn(ref source));
            }

            _columns[before].Next = column;
            _shapeColumns.Add(column);
            before = column;
            i++;
        }

        _shapes.Add(shape);
        return shape;
    }

    private Column ReadColumn(ref Source source)
    {
        int key = ReadText(ref source);
        byte column = source.Codes.Byte();
        return column == PackFormat.UnusualColumn
            ? new Column(key, (AttributeKind)source.Codes.Byte(), (AttributeScope)source.Codes.Byte(), (AttributeRank)source.Codes.Byte())
            : new Column(key, (AttributeKind)(column & 7), (AttributeScope)((column >> 3) & 3), (AttributeRank)(column >> 5));
    }

    private void ReadCells(ref Source source, SpanBatch into, (int Start, int Count) shape)
    {
        int same = 0;
        for (int i = 0; i < shape.Count; i++)
        {
            same = (i & 7) == 0 ? source.Codes.Byte() : same >> 1;
            ref Column column = ref _columns[_shapeColumns[shape.Start + i]];
            if ((same & 1) == 0)
            {
                column.Last = ReadCell(ref source, column.Kind);
            }

            into.AddAttribute(new SpanAttribute(column.Key, column.Kind, column.Last, column.Scope, column.Rank));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long ReadCell(ref Source source, AttributeKind kind) => kind switch
    {
        AttributeKind.String or AttributeKind.Json or AttributeKind.Bytes => ReadText(ref source),
        AttributeKind.Double => PackedNumber.Read(ref source.Codes, ref source.Noise),
        _ => source.Codes.Signed(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ReadText(ref Source source) => _texts.Read(ref source.Codes, ref source.Texts, ref source.Noise);

    /// <summary>Few compressed bytes may say that there are a billion spans.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Spend(long footprint)
    {
        _footprint -= footprint;
        if (_footprint < 0)
        {
            Malformed.Throw("it is larger than any pack of its length can be");
        }
    }

    private ref struct Source
    {
        public PackReader Codes;
        public PackReader Texts;
        public PackReader Noise;
    }

    private struct Column(int key, AttributeKind kind, AttributeScope scope, AttributeRank rank)
    {
        public readonly int Key = key;
        public readonly AttributeKind Kind = kind;
        public readonly AttributeScope Scope = scope;
        public readonly AttributeRank Rank = rank;
        public int Next;
        public long Last;
    }

    private struct Profile
    {
        public int Service;
        public int Name;
        public (int Start, int Count) Shape;
        public (int Start, int Count) Shared;
        public Presence Presence;
        public SpanKind Kind;
        public SpanStatus Status;
        public SpanFlags Flags;
    }
}
