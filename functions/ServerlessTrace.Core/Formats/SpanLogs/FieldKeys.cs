using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.SpanLogs;

/// <summary>The field names that a source was seen to use. What a name means is worked out once, when it is first seen.</summary>
internal sealed class FieldKeys
{
    /// <summary>Names that are remembered. Beyond this a source invents names as it goes: remembering more would cost memory and time.</summary>
    public const int Remembered = 4096;

    private const int RememberedLength = 256;
    private const int Buckets = 1024;

    private readonly Dictionary<(string Name, AttributeScope Scope), AttributeKey> _attributes = [];
    private readonly FieldKey?[] _buckets = new FieldKey?[Buckets];
    private int _fields;

    /// <summary>No names yet, but the keys of the attributes that known fields become.</summary>
    public FieldKeys()
    {
        CorrelationId = Attribute("correlation_id", AttributeScope.Span);
        RequestId = Attribute("request_id", AttributeScope.Span);
        Message = Attribute("message", AttributeScope.Span);
        MessageTemplate = Attribute("message.template", AttributeScope.Span);
        Name = Attribute("name", AttributeScope.Span);
        EventName = Attribute("event_name", AttributeScope.Span);
        Error = Attribute("error", AttributeScope.Span);
        ErrorType = Attribute("error.type", AttributeScope.Span);
        ExceptionType = Attribute("exception.type", AttributeScope.Span);
        ExceptionMessage = Attribute("exception.message", AttributeScope.Span);
        ExceptionStackTrace = Attribute("exception.stacktrace", AttributeScope.Span);
        Status = Attribute("status", AttributeScope.Span);
        StatusMessage = Attribute("status_message", AttributeScope.Span);
    }

    public AttributeKey CorrelationId { get; }

    public AttributeKey RequestId { get; }

    public AttributeKey Message { get; }

    public AttributeKey MessageTemplate { get; }

    public AttributeKey Name { get; }

    public AttributeKey EventName { get; }

    public AttributeKey Error { get; }

    public AttributeKey ErrorType { get; }

    public AttributeKey ExceptionType { get; }

    public AttributeKey ExceptionMessage { get; }

    public AttributeKey ExceptionStackTrace { get; }

    public AttributeKey Status { get; }

    public AttributeKey StatusMessage { get; }

    /// <summary>How many names are remembered, those of attributes included that no field has: baggage, and names too long for a field.</summary>
    public int Count => Math.Max(_fields, _attributes.Count);

    /// <summary>Where the chain of predicted names begins.</summary>
    public FieldKey Beginning { get; } = new([], FieldPlace.Record, SpanLogField.Attribute, 0, new AttributeKey([], AttributeScope.Span));

    /// <summary>The key for a name as it is written between its quotes.</summary>
    /// <param name="written">The name with its escapes.</param>
    /// <param name="plain">The name without.</param>
    /// <param name="place">Where it stands.</param>
    public FieldKey Get(ReadOnlySpan<byte> written, ReadOnlySpan<byte> plain, FieldPlace place)
    {
        int bucket = Bucket(written, place);
        for (FieldKey? key = _buckets[bucket]; key is not null; key = key.NextInBucket)
        {
            if (key.Place == place && key.Written.SequenceEqual(written))
            {
                return key;
            }
        }

        FieldMeaning meaning = SpanLogFields.Classify(Encoding.UTF8.GetString(plain), place);
        FieldKey added = new(written, place, meaning.Field, meaning.Strength, Attribute(meaning.Attribute, meaning.Scope));
        if (written.Length <= RememberedLength && _fields < Remembered)
        {
            added.NextInBucket = _buckets[bucket];
            _buckets[bucket] = added;
            _fields++;
        }

        return added;
    }

    /// <summary>The key of an attribute, the same object for the same name and scope.</summary>
    public AttributeKey Attribute(string name, AttributeScope scope)
    {
        if (_attributes.TryGetValue((name, scope), out AttributeKey? known))
        {
            return known;
        }

        AttributeKey added = new(Encoding.UTF8.GetBytes(name), scope);
        _attributes.Add((name, scope), added);
        return added;
    }

    private static int Bucket(ReadOnlySpan<byte> written, FieldPlace place) =>
        (int)((written.IsEmpty ? 0 : StringTable.Hash(written)) + (uint)place) & (Buckets - 1);
}
