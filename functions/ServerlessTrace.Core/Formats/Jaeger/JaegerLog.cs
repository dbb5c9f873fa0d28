using ServerlessTrace.Core.Formats.Json;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Formats.Jaeger;

/// <summary>
/// A log is a list of fields, and its name one of them (OpenTracing's semantic conventions, "Log fields"): <c>event</c>, else <c>message</c>.
/// An <c>error</c> event is named and spelled as OpenTelemetry does an exception.
/// </summary>
internal static class JaegerLog
{
    /// <summary>The event's name, which is taken from its fields.</summary>
    public static int Name(AttributeList fields, StringTable strings)
    {
        int name = Take(fields, strings.Add("event"u8));
        if (name == strings.Add("error"u8))
        {
            Rename(fields, strings.Add("error.kind"u8), strings.Add("exception.type"u8));
            Rename(fields, strings.Add("message"u8), strings.Add("exception.message"u8));
            Rename(fields, strings.Add("stack"u8), strings.Add("exception.stacktrace"u8));
            return strings.Add("exception"u8);
        }

        name = name != 0 ? name : Take(fields, strings.Add("message"u8));
        return name != 0 ? name : strings.Add("log"u8);
    }

    private static int Take(AttributeList fields, int key)
    {
        for (int i = 0; i < fields.Count; i++)
        {
            if (fields.Items[i].Key == key && fields.Items[i].Kind == AttributeKind.String)
            {
                int text = fields.Items[i].Text;
                fields.RemoveAt(i);
                return text;
            }
        }

        return 0;
    }

    private static void Rename(AttributeList fields, int key, int to)
    {
        foreach (ref SpanAttribute field in fields.Items)
        {
            if (field.Key == key)
            {
                field = field with { Key = to };
            }
        }
    }
}
