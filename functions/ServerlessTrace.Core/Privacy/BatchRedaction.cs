using System.Globalization;
using System.Text;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Privacy;

/// <summary>
/// Redacts batches, one after another, each as often as something was added to it: what was looked at before is not looked at again.
/// Not thread-safe.
/// </summary>
public sealed class BatchRedaction
{
    // What is known of a text: as an attribute's name (the low bits), and whether there is a secret in it.
    private const byte Undecided = 0;
    private const byte Harmless = 1;
    private const byte Exempt = 2;
    private const byte FirstAction = 3;
    private const byte NameBits = 0x0f;
    private const byte HasSecret = 0x80;

    private const long ShortestCardNumber = 1_000_000_000_000;

    private readonly AttributeNames _names;
    private readonly TextRedaction _texts;
    private readonly Dictionary<int, int> _rewritten = [];
    private SpanBatch _batch = new();
    private long _generation = -1;
    private byte[] _marks = [];
    private int _known = 1;
    private SpanBatchMark _done;
    private bool _anySecret;
    private bool _anyDropped;
    private int _maskText;
    private long _count;

    internal BatchRedaction(AttributeNames names, TextRedaction texts, bool isEnabled) => (_names, _texts, IsEnabled) = (names, texts, isEnabled);

    private bool IsEnabled { get; }

    /// <summary>
    /// Redacts what was added to a batch since the last call: attribute values of spans, resources, baggage, events and links, names of spans
    /// and events, and status messages.
    /// </summary>
    /// <returns>How many values were replaced or dropped.</returns>
    public long Redact(SpanBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (!IsEnabled || batch.Count == 0)
        {
            return 0;
        }

        if (batch.Strings.Generation != _generation)
        {
            Begin(batch);
        }

        _count = 0;
        FindSecrets();
        RedactAttributes();
        if (_anySecret)
        {
            RedactNames();
        }

        if (_anyDropped)
        {
            new AttributeRemoval(batch, attribute => Decide(attribute.Key) == FirstAction + (int)RedactionAction.Drop).Run(_done.Spans);
        }

        _done = batch.Mark();
        return _count;
    }

    private void Begin(SpanBatch batch)
    {
        _batch = batch;
        _generation = batch.Strings.Generation;
        _rewritten.Clear();
        Array.Clear(_marks);
        _known = 1;
        _done = default;
        _anySecret = _anyDropped = false;
        _maskText = batch.Strings.Find(Redactor.MaskBytes);
    }

    private void FindSecrets()
    {
        int known = _batch.Strings.Count;
        if (_marks.Length < known)
        {
            Array.Resize(ref _marks, Math.Max(known, _marks.Length * 2));
        }

        _texts.Find(_batch.Strings, _known, MarkSecret);
        _known = known;
    }

    private void MarkSecret(int text)
    {
        _marks[text] |= HasSecret;
        _anySecret = true;
    }

    private void RedactAttributes()
    {
        // Values that are replaced add texts; attributes stay where they are.
        foreach (ref SpanAttribute attribute in _batch.MutableAttributes(_done.Attributes, _batch.AttributeCount - _done.Attributes))
        {
            int mark = Decide(attribute.Key);
            if (mark >= FirstAction)
            {
                RedactByName(ref attribute, (RedactionAction)(mark - FirstAction));
            }
            else if (mark == Harmless)
            {
                RedactByContent(ref attribute);
            }
        }
    }

    private int Decide(int key)
    {
        int mark = _marks[key] & NameBits;
        if (mark == Undecided)
        {
            ReadOnlySpan<byte> name = _batch.Strings[key];
            mark = _names.IsExempt(name) ? Exempt
                : _names.Decide(name) is { } action ? FirstAction + (int)action
                : Harmless;
            _marks[key] |= (byte)mark;
        }

        return mark;
    }

    private void RedactByName(ref SpanAttribute attribute, RedactionAction action)
    {
        // That there is a password, or none, is no secret.
        if (attribute.Kind == AttributeKind.Bool || (attribute.IsText && (attribute.Text == 0 || attribute.Text == _maskText)))
        {
            return;
        }

        _count++;
        _anyDropped |= action == RedactionAction.Drop;
        if (action != RedactionAction.Drop)
        {
            attribute = attribute with { Kind = AttributeKind.String, Bits = Replacement(in attribute, action) };
        }
    }

    private int Replacement(in SpanAttribute attribute, RedactionAction action)
    {
        if (action == RedactionAction.Mask)
        {
            return _maskText > 0 ? _maskText : _maskText = _batch.Strings.Add(Redactor.MaskBytes);
        }

        ReadOnlySpan<byte> value = attribute.IsText ? _batch.Strings[attribute.Text] : Encoding.UTF8.GetBytes(TextOf(in attribute));
        return _batch.Strings.Add(_texts.Replacement(value, action));
    }

    private static string TextOf(in SpanAttribute attribute) => attribute.Kind == AttributeKind.Double
        ? attribute.Number.ToString(CultureInfo.InvariantCulture)
        : attribute.Bits.ToString(CultureInfo.InvariantCulture);

    private void RedactByContent(ref SpanAttribute attribute)
    {
        if (attribute.IsText)
        {
            if (IsSecret(attribute.Text))
            {
                attribute = attribute with { Bits = Rewritten(attribute.Text) };
                _count++;
            }
        }
        else if (attribute.Kind == AttributeKind.Int64 && attribute.Bits >= ShortestCardNumber && _texts.FindsCardNumbers && CardNumber.Is(attribute.Bits))
        {
            byte[] rewritten = _texts.Rewrite(Encoding.UTF8.GetBytes(TextOf(in attribute)), isCut: false);
            attribute = attribute with { Kind = AttributeKind.String, Bits = _batch.Strings.Add(rewritten) };
            _count++;
        }
    }

    private void RedactNames()
    {
        foreach (ref SpanRecord span in _batch.Spans[_done.Spans..])
        {
            RedactText(ref span.Name);
            RedactText(ref span.StatusMessage);
            foreach (ref SpanEvent spanEvent in _batch.MutableEvents(in span))
            {
                RedactText(ref spanEvent.Name);
            }
        }
    }

    private void RedactText(ref int text)
    {
        if (IsSecret(text))
        {
            text = Rewritten(text);
            _count++;
        }
    }

    /// <summary>Whether a text that was there before this began has a secret in it.</summary>
    private bool IsSecret(int text) => text < _known && (_marks[text] & HasSecret) != 0;

    private int Rewritten(int text)
    {
        if (!_rewritten.TryGetValue(text, out int rewritten))
        {
            rewritten = _batch.Strings.Add(_texts.Rewrite(_batch.Strings[text], isCut: false));
            _rewritten.Add(text, rewritten);
        }

        return rewritten;
    }
}
