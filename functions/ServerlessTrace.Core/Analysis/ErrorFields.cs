using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis;

/// <summary>
/// Finds code, message and stack trace of a failed span among its attributes and those of its events, under the names that
/// span logs, OpenTelemetry (exceptions, <c>error.type</c>) and others give them; the name that comes first below wins.
/// </summary>
internal sealed class ErrorFields(SpanBatch batch)
{
    private static readonly string[] Codes =
        ["errorcode", "errortype", "exceptiontype", "errorkind", "errorname", "rpcgrpcstatuscode", "httpresponsestatuscode", "httpstatuscode"];

    private static readonly string[] Messages = ["errormessage", "exceptionmessage", "errormsg", "error", "message"];

    private static readonly string[] Stacks = ["stacktrace", "exceptionstacktrace", "errorstacktrace", "errorstack", "stack"];

    private readonly Dictionary<int, string> _names = [];

    public (string? Code, string? Message, string? StackTrace) Of(in SpanRecord span)
    {
        var found = default(Found);
        Search(batch.Attributes(in span), ref found);

        // The last event that knows is the one that ended the span.
        ReadOnlySpan<SpanEvent> events = batch.Events(in span);
        for (int i = events.Length - 1; i >= 0; i--)
        {
            if (IsFailure(batch.Strings[events[i].Name]))
            {
                Search(batch.Attributes(in events[i]), ref found);
            }
        }

        return (found.Code.Text, span.StatusMessage != 0 ? batch.Text(span.StatusMessage) : found.Message.Text, found.Stack.Text);
    }

    private static bool IsFailure(ReadOnlySpan<byte> eventName) =>
        eventName.IndexOf("rror"u8) >= 0 || eventName.IndexOf("xception"u8) >= 0 || eventName.IndexOf("ERROR"u8) >= 0;

    private void Search(ReadOnlySpan<SpanAttribute> attributes, ref Found found)
    {
        foreach (ref readonly SpanAttribute attribute in attributes)
        {
            if (attribute.Scope is AttributeScope.Span)
            {
                string name = PlainName(attribute.Key);
                Consider(ref found.Code, Codes, name, in attribute);
                Consider(ref found.Message, Messages, name, in attribute);
                Consider(ref found.Stack, Stacks, name, in attribute);
            }
        }
    }

    private void Consider(ref Choice choice, string[] names, string name, in SpanAttribute attribute)
    {
        int rank = names.Length - Array.IndexOf(names, name);
        if (rank <= names.Length && rank > choice.Rank && attribute.Kind != AttributeKind.Bool && AttributeText.Of(batch, in attribute) is { Length: > 0 } text)
        {
            choice = new Choice(rank, text);
        }
    }

    private string PlainName(int key)
    {
        if (!_names.TryGetValue(key, out string? name))
        {
            name = AttributeName.Plain(batch.Strings[key]);
            _names.Add(key, name);
        }

        return name;
    }

    private record struct Choice(int Rank, string? Text);

    private struct Found
    {
        public Choice Code;
        public Choice Message;
        public Choice Stack;
    }
}
