using System.Collections.Frozen;
using System.Text;
using ServerlessTrace.Core.Formats.SpanLogs;

namespace ServerlessTrace.Core.Formats.LogLines;

/// <summary>
/// The names under which log shippers, runtimes and log stores keep what they wrap: Docker, CRI, Fluent Bit, Fluentd, Vector, Logstash, Loki, Splunk,
/// Azure (App Service, Functions, Container Apps, AKS, Event Hubs, Log Analytics), CloudWatch, Google Cloud Logging, Elasticsearch.
/// </summary>
internal static class ContainerNames
{
    /// <summary>The rank of a field that only its value shows to be a payload.</summary>
    public const int Unnamed = 90;

    private const int Longest = 64;

    private static readonly FrozenDictionary<string, (ContainerRole Role, int Rank)> Roles = Named();

    private static readonly FrozenDictionary<string, (ContainerRole Role, int Rank)>.AlternateLookup<ReadOnlySpan<char>> Lookup =
        Roles.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The role of a field, and how well it fits; the lower, the better.</summary>
    public static (ContainerRole Role, int Rank) RoleOf(ReadOnlySpan<byte> name)
    {
        if (name.Length > Longest)
        {
            return default;
        }

        Span<char> spelled = stackalloc char[Longest];
        int length = 0;
        foreach (byte letter in name)
        {
            if (letter >= 0x80)
            {
                return default;
            }

            if (letter is not ((byte)'_' or (byte)'.' or (byte)'-'))
            {
                spelled[length++] = char.ToLowerInvariant((char)letter);
            }
        }

        if (name.SequenceEqual("_source"u8))
        {
            return (ContainerRole.Payload, 0);
        }

        return Lookup.TryGetValue(spelled[..length], out (ContainerRole Role, int Rank) role) ? role : RoleInRecord(Encoding.UTF8.GetString(name));
    }

    private static (ContainerRole Role, int Rank) RoleInRecord(string name) => SpanLogFields.Classify(name, FieldPlace.Record).Field switch
    {
        SpanLogField.TraceId or SpanLogField.TraceParent or SpanLogField.OtherTraceId or SpanLogField.DatadogTraceId or SpanLogField.AwsTrace
            or SpanLogField.CloudTraceContext => (ContainerRole.TraceId, 0),
        SpanLogField.Headers => (ContainerRole.Headers, 0),
        SpanLogField.Context or SpanLogField.Group or SpanLogField.Attributes => (ContainerRole.Context, 0),
        _ => default,
    };

    private static FrozenDictionary<string, (ContainerRole Role, int Rank)> Named()
    {
        var roles = new Dictionary<string, (ContainerRole Role, int Rank)>();
        Add(ContainerRole.EntryTraceId, "trace");
        Add(ContainerRole.EntrySpanId, "spanid");
        Add(
            ContainerRole.Payload,
            "jsonpayload", "textpayload", "log", "logprocessed", "resultdescription", "logmessage", "logentry", "line", "@message", "logs", "rawdata", "raw");
        Add(ContainerRole.Message, "message", "msg", "properties");
        Add(ContainerRole.JsonPayload, "event", "data", "payload", "original", "body", "text");
        Add(
            ContainerRole.Records,
            "records", "logevents", "hits", "streams", "result", "results", "tables", "entries", "events", "items", "value", "messages", "batch");
        Add(ContainerRole.Time, "time", "timestamp", "@timestamp", "date", "ts", "timegenerated", "eventtime", "@t");
        Add(ContainerRole.PartialTag, "p", "logtag");
        Add(ContainerRole.PartialMark, "partialmessage", "partial");
        Add(ContainerRole.Origin, "stream", "kubernetes", "containerid", "containername", "file", "filepath", "source", "podname", "logstream");
        Add(ContainerRole.Columns, "columns");
        Add(ContainerRole.Rows, "rows");
        Add(ContainerRole.Values, "values");
        return roles.ToFrozenDictionary();

        void Add(ContainerRole role, params string[] names)
        {
            foreach (string name in names)
            {
                roles.Add(name, (role, roles.Count + 1));
            }
        }
    }
}
