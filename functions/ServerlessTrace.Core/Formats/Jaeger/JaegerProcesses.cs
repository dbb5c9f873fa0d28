using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>
/// The processes of the trace being read. A span whose process is not known yet is completed when it is; if its batch has
/// gone on by then, a second part of the span tells its service and resource.
/// </summary>
internal sealed unsafe class JaegerProcesses
{
    // Beyond this, spans of one trace keep the source's name for a service: 40 MB of memory remember a million.
    private const int MostRemembered = 1 << 20;

    private readonly ReadLimits _limits;
    private readonly SourceStatistics _statistics;
    private readonly JsonScanner _json;
    private readonly SpanBuilder _builder;
    private readonly JaegerTags _tags;
    private readonly StringTable _ids = new();
    private readonly List<Process> _processes = [];
    private readonly List<(int Index, int Id)> _waiting = [];
    private readonly List<(TraceId TraceId, SpanId SpanId, int Id)> _gone = [];
    private JaegerKeys _keys;
    private byte[] _content = [];
    private int _length;

    /// <summary>For one source.</summary>
    public JaegerProcesses(ReadLimits limits, SourceStatistics statistics, JsonScanner json)
    {
        _limits = limits;
        _statistics = statistics;
        _json = json;
        _builder = new SpanBuilder(limits, statistics, string.Empty, _json);
        _tags = new JaegerTags(_builder.Values, _json);
        _keys = new JaegerKeys(limits, _json);
    }

    /// <summary>Takes a process; returns what is wrong with it instead if it cannot be used.</summary>
    /// <param name="id">Its key.</param>
    /// <param name="process">Its JSON, which is valid.</param>
    public string? Add(ReadOnlySpan<byte> id, ReadOnlySpan<byte> process)
    {
        if (_length + process.Length > _limits.BytesPerBatch)
        {
            return $"the processes of one trace are longer than {_limits.BytesPerBatch} bytes";
        }

        int needed = _length + process.Length + JsonScanner.Slack;
        if (needed > _content.Length)
        {
            Array.Resize(ref _content, Math.Max(needed, _content.Length * 2));
        }

        process.CopyTo(_content.AsSpan(_length));
        Set(_ids.Add(id), new Process { Start = _length, Length = process.Length });
        _length += process.Length;
        return null;
    }

    /// <summary>Gives the span that was added last its service and resource, now or when they are known.</summary>
    public void Assign(SpanBatch batch, JaegerProcessReference reference)
    {
        int index = batch.Count - 1;
        if (reference.Process is not null)
        {
            Process own = default;
            Read(batch, reference.Process, ref own);
            Give(ref batch[index], own);
        }
        else if (reference.Id is not null)
        {
            _json.ReadString(reference.Id + 1, out byte* text, out int length);
            _waiting.Add((index, _ids.Add(new ReadOnlySpan<byte>(text, length))));
        }
        else
        {
            _statistics.ServiceFromSource++;
        }
    }

    /// <summary>Completes spans of a batch that is full.</summary>
    public void LeaveBatch(SpanBatch batch)
    {
        foreach ((int index, int id) in _waiting)
        {
            ref SpanRecord span = ref batch[index];
            if (IsKnown(id))
            {
                Give(ref span, Find(batch, id));
            }
            else if (_gone.Count < MostRemembered)
            {
                _gone.Add((span.TraceId, span.SpanId, id));
            }
            else
            {
                _statistics.ServiceFromSource++;
            }
        }

        _waiting.Clear();
    }

    /// <summary>Completes all spans of the trace and forgets its processes.</summary>
    public void EndTrace(SpanBatch batch)
    {
        foreach ((int index, int id) in _waiting)
        {
            if (IsKnown(id))
            {
                Give(ref batch[index], Find(batch, id));
            }
            else
            {
                _statistics.ServiceFromSource++;
            }
        }

        foreach ((TraceId traceId, SpanId spanId, int id) in _gone)
        {
            if (IsKnown(id))
            {
                Process process = Find(batch, id);
                ref SpanRecord part = ref batch.AddSpan();
                part.TraceId = traceId;
                part.SpanId = spanId;
                Give(ref part, process);
            }
            else
            {
                _statistics.ServiceFromSource++;
            }
        }

        _waiting.Clear();
        _gone.Clear();
        _processes.Clear();
        _length = 0;
        if (_ids.Count > 1)
        {
            _ids.Clear();
        }
    }

    private static void Give(ref SpanRecord span, Process process)
    {
        if (process.Service != 0)
        {
            span.Service = process.Service;
            span.Flags &= ~SpanFlags.ServiceFromSource;
        }

        span.SharedStart = process.SharedStart;
        span.SharedCount = process.SharedCount;
    }

    private void Set(int id, Process process)
    {
        while (_processes.Count <= id)
        {
            _processes.Add(default);
        }

        _processes[id] = process;
    }

    private bool IsKnown(int id) => id < _processes.Count && _processes[id].Length > 0;

    private Process Find(SpanBatch batch, int id)
    {
        Process process = _processes[id];
        if (process.Generation != batch.Strings.Generation)
        {
            fixed (byte* content = _content)
            {
                byte* start = content + process.Start;
                _json.End = start + process.Length;
                Read(batch, start, ref process);
            }

            _processes[id] = process;
        }

        return process;
    }

    /// <summary>Reads a process, which is known to be JSON.</summary>
    private void Read(SpanBatch batch, byte* at, ref Process process)
    {
        _keys = _keys.IsFull ? new JaegerKeys(_limits, _json) : _keys;
        _builder.Begin(batch);
        int service = 0;
        FieldKey<JaegerField> key = _keys.Beginning;
        at = _json.BeginObject(at, 1, out bool ended);
        while (at is not null && !ended)
        {
            at = _keys.ReadKey(at, ref key, JaegerKeys.Fields);
            at = at is null ? null : key.Field switch
            {
                JaegerField.ServiceName => _builder.ReadText(at, 2, out service),
                JaegerField.Tags => _tags.Read(at, _keys, key, JaegerKeys.ProcessTags, _builder.Resource, 2),
                JaegerField.TagFields => _builder.ReadFields(at, _keys, key, JaegerKeys.ProcessTagFields, 2, _builder.Resource),
                _ => _json.SkipValue(at, 2),
            };
            at = at is null ? null : _json.EndField(at, out ended);
        }

        process.Service = service;
        process.SharedStart = _builder.Share();
        process.SharedCount = _builder.Resource.Count;
        process.Generation = batch.Strings.Generation;
    }

    /// <summary>A process: where its JSON is, and what it is in the batch with these strings.</summary>
    private struct Process
    {
        public int Start;
        public int Length;
        public int Service;
        public int SharedStart;
        public int SharedCount;
        public long Generation;
    }
}
