using System.Text.Json;
using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>
/// The processes of the trace being read. A span whose process is not known yet is completed when it is; if its batch has
/// gone on by then, a second part of the span tells its service and resource.
/// </summary>
internal sealed class JaegerProcesses(ReadLimits limits, SourceStatistics statistics)
{
    // Beyond this, spans of one trace keep the source's name for a service: 40 MB of memory remember a million.
    private const int MostRemembered = 1 << 20;

    private readonly Dictionary<string, byte[]> _json = [];
    private readonly Dictionary<string, Placed> _placed = [];
    private readonly List<(int Index, string Id)> _waiting = [];
    private readonly List<(TraceId TraceId, SpanId SpanId, string Id)> _gone = [];
    private readonly SpanBuilder _builder = new(limits, statistics, string.Empty);
    private long _generation;
    private long _bytes;

    /// <summary>Takes a process; returns what is wrong with it instead if it cannot be used.</summary>
    public string? Add(string id, ReadOnlySpan<byte> process)
    {
        if (process[0] != '{')
        {
            return "a process is a JSON object";
        }

        _bytes += process.Length;
        if (_bytes > limits.BytesPerBatch)
        {
            return $"the processes of one trace are longer than {limits.BytesPerBatch} bytes";
        }

        _json[id] = process.ToArray();
        _placed.Remove(id);
        return null;
    }

    /// <summary>Gives the span that was added last its service and resource, now or when they are known.</summary>
    public void Assign(SpanBatch batch, JaegerProcessReference reference)
    {
        int index = batch.Count - 1;
        if (reference.Process.Length > 0)
        {
            Give(ref batch[index], Place(batch, reference.Process));
        }
        else if (reference.Id is { } id)
        {
            _waiting.Add((index, Shared(id)));
        }
        else
        {
            statistics.ServiceFromSource++;
        }
    }

    /// <summary>Completes spans of a batch that is full.</summary>
    public void LeaveBatch(SpanBatch batch, SpanBuilder spans)
    {
        foreach ((int index, string id) in _waiting)
        {
            ref SpanRecord span = ref batch[index];
            if (_json.ContainsKey(id))
            {
                Give(ref span, Find(batch, id));
            }
            else if (_gone.Count < MostRemembered)
            {
                _gone.Add((span.TraceId, span.SpanId, id));
            }
            else
            {
                statistics.ServiceFromSource++;
            }
        }

        _waiting.Clear();
    }

    /// <summary>Completes all spans of the trace and forgets its processes.</summary>
    public void EndTrace(SpanBatch batch, SpanBuilder spans)
    {
        foreach ((int index, string id) in _waiting)
        {
            if (_json.ContainsKey(id))
            {
                Give(ref batch[index], Find(batch, id));
            }
            else
            {
                statistics.ServiceFromSource++;
            }
        }

        foreach ((TraceId traceId, SpanId spanId, string id) in _gone)
        {
            if (_json.ContainsKey(id))
            {
                Placed placed = Find(batch, id);
                ref SpanRecord part = ref batch.AddSpan();
                part.TraceId = traceId;
                part.SpanId = spanId;
                Give(ref part, placed);
            }
            else
            {
                statistics.ServiceFromSource++;
            }
        }

        _waiting.Clear();
        _gone.Clear();
        _json.Clear();
        _placed.Clear();
        _bytes = 0;
    }

    private static void Give(ref SpanRecord span, Placed placed)
    {
        if (placed.Service != 0)
        {
            span.Service = placed.Service;
            span.Flags &= ~SpanFlags.ServiceFromSource;
        }

        span.SharedStart = placed.Start;
        span.SharedCount = placed.Count;
    }

    /// <summary>One instance of an id, so that a million spans that wait do not hold a million copies.</summary>
    private string Shared(string id) => _waiting.Count > 0 && _waiting[^1].Id == id ? _waiting[^1].Id : id;

    private Placed Find(SpanBatch batch, string id)
    {
        if (_generation != batch.Strings.Generation)
        {
            _generation = batch.Strings.Generation;
            _placed.Clear();
        }

        if (!_placed.TryGetValue(id, out Placed placed))
        {
            placed = Place(batch, _json[id]);
            _placed[id] = placed;
        }

        return placed;
    }

    private Placed Place(SpanBatch batch, byte[] process)
    {
        _builder.Begin(batch);
        int service = 0;
        try
        {
            Utf8JsonReader json = new(process, _builder.Options);
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                bool isName = json.ValueTextEquals("serviceName"u8);
                bool isTags = json.ValueTextEquals("tags"u8);
                json.Read();
                if (isName)
                {
                    service = _builder.Text(ref json);
                }
                else if (isTags)
                {
                    JaegerTags.Read(ref json, process, _builder, _builder.Resource, AttributeScope.Resource);
                }

                json.Skip();
            }
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // What came before is right.
        }

        return new Placed(service, _builder.Share(), _builder.Resource.Count);
    }

    private readonly record struct Placed(int Service, int Start, int Count);
}
