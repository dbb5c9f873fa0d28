using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SdkConsole;

/// <summary>The events and links of a span whose attributes stand on lines of their own.</summary>
/// <param name="most">Attributes that one has at most.</param>
internal sealed class SdkDetailList(int most)
{
    private readonly List<Detail> _details = [];
    private readonly List<SpanAttribute> _attributes = [];
    private readonly AttributeList _one = new();

    /// <summary>How many there are.</summary>
    public int Count => _details.Count;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _details.Clear();
        _attributes.Clear();
    }

    /// <summary>Begins an event.</summary>
    public void BeginEvent(int name, long time) => _details.Add(new Detail(name, time, default, default, _attributes.Count));

    /// <summary>Begins a link.</summary>
    public void BeginLink(TraceId trace, SpanId span) => _details.Add(new Detail(0, 0, trace, span, _attributes.Count));

    /// <summary>Adds an attribute to the last one.</summary>
    public void Add(SpanAttribute attribute) => _attributes.Add(attribute);

    /// <summary>Adds all to the span.</summary>
    /// <param name="builder">The span.</param>
    /// <param name="start">The time of events that have none.</param>
    public void AddTo(SpanBuilder builder, long start)
    {
        for (int i = 0; i < _details.Count; i++)
        {
            Detail detail = _details[i];
            int end = i + 1 < _details.Count ? _details[i + 1].FirstAttribute : _attributes.Count;
            _one.Clear();
            builder.Truncate(end - detail.FirstAttribute > most);
            for (int at = detail.FirstAttribute; at < Math.Min(end, detail.FirstAttribute + most); at++)
            {
                if (!_one.TryReplace(_attributes[at]))
                {
                    _one.Add(_attributes[at]);
                }
            }

            if (detail.Name != 0)
            {
                builder.AddEvent(detail.Name, detail.Time != 0 ? detail.Time : start, _one);
            }
            else
            {
                builder.AddLink(detail.Trace, detail.Span, _one);
            }
        }
    }

    private readonly record struct Detail(int Name, long Time, TraceId Trace, SpanId Span, int FirstAttribute);
}
