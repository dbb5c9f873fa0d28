using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.ElasticApm;

/// <summary>What a stream of events says of the process that sent them, in its first line.</summary>
internal sealed class ElasticMetadata
{
    private readonly List<(byte[] Key, AttributeKind Kind, long Bits, byte[]? Text)> _attributes = [];
    private byte[] _service = [];

    /// <summary>Takes over what was read as if it were a span.</summary>
    public void Take(SpanBuilder builder)
    {
        _service = builder.TextOf(builder.Span.Service).ToArray();
        _attributes.Clear();
        foreach (ref readonly SpanAttribute attribute in builder.Resource.Items)
        {
            _attributes.Add((builder.TextOf(attribute.Key).ToArray(), attribute.Kind, attribute.Bits, attribute.IsText ? builder.TextOf(attribute.Text).ToArray() : null));
        }
    }

    /// <summary>Gives the process' service and attributes to a span, whose own count more.</summary>
    public void Give(SpanBuilder builder)
    {
        ref SpanRecord span = ref builder.Span;
        span.Service = span.Service != 0 ? span.Service : builder.Text(_service);
        foreach ((byte[] key, AttributeKind kind, long bits, byte[]? text) in _attributes)
        {
            builder.Resource.Add(new SpanAttribute(builder.Text(key), kind, text is null ? bits : builder.Text(text), AttributeScope.Resource));
        }
    }
}
