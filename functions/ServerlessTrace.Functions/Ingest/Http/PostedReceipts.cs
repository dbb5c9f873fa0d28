using System.Globalization;
using System.Text.Json;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Storage.Keys;
using ServerlessTrace.Storage.Receipts;
using ServerlessTrace.Storage.Usage;

namespace ServerlessTrace.Functions.Ingest.Http;

/// <summary>
/// The receipts of a group. A body of span logs has one of its own, whose URL its sender was given. Senders of OTLP and Zipkin
/// spans are told what is wrong at once and may send thousands of bodies a minute: they share one a group.
/// </summary>
internal static class PostedReceipts
{
    /// <summary>Where a body was posted to, and what its sender calls it.</summary>
    public static string SourceOf(in PostedBody body)
    {
        string way = WayOf(body.Kind);
        return body.Source.Length == 0 ? way : $"{way} {body.Source}";
    }

    /// <summary>The receipt that tells of a body.</summary>
    public static ReceiptId IdOf(PostedName group, PostedKind kind, int number) =>
        kind == PostedKind.SpanLogs ? group.ReceiptOf(number) : group.ReceiptOf(kind);

    /// <summary>All receipts of a group.</summary>
    public static List<Receipt> Of(PostedName group, IReadOnlyList<BodyOutcome> outcomes, DateTimeOffset readAt, TimeSpan duration, int rejectionsKept, Redactor redactor)
    {
        var receipts = new List<Receipt>();
        foreach (IGrouping<ReceiptId, BodyOutcome> told in outcomes.GroupBy(outcome => IdOf(group, outcome.Body.Kind, outcome.Number)))
        {
            BodyOutcome[] bodies = [.. told];
            receipts.Add(Of(told.Key, bodies, rejectionsKept, redactor) with { ReadAt = readAt, DurationMs = Math.Round(duration.TotalMilliseconds, 1) });
        }

        return receipts;
    }

    private static Receipt Of(ReceiptId id, BodyOutcome[] bodies, int rejectionsKept, Redactor redactor)
    {
        BodyOutcome first = bodies[0];
        string source = bodies.Length == 1 ? SourceOf(first.Body) : string.Create(CultureInfo.InvariantCulture, $"{SourceOf(first.Body)} ({bodies.Length} requests)");
        var traces = new DistinctTraces();
        foreach (BodyOutcome body in bodies)
        {
            traces.Add(body.Stored.Traces);
        }

        return new Receipt(id, source, State(bodies))
        {
            Bytes = bodies.Sum(body => (long)body.Body.Content.Length),
            DecompressedBytes = bodies.Sum(body => body.ContentBytes),
            Format = Name(first.Read.Format),
            Compression = first.Body.Coding == BodyCoding.Gzip ? "gzip" : Name(first.Read.Compression),
            Records = bodies.Sum(body => body.Read.Records + body.Read.Rejected),
            Spans = bodies.Sum(body => body.Stored.Spans),
            Erased = bodies.Sum(body => body.Stored.Erased),
            Services = ServiceTally.Sum(bodies.Select(body => body.Stored.Services)),
            Traces = traces.Count,
            Rejected = bodies.Sum(body => body.Read.Rejected),
            Rejections = [.. bodies.SelectMany(body => body.Read.Rejections).Take(rejectionsKept).Select(redactor.Redact)],
            Redacted = bodies.Sum(body => body.Stored.Redacted),
            Reason = Array.Find(bodies, body => body.Failure is not null)?.Failure ?? string.Empty,
            Notes = Notes(bodies, rejectionsKept),
        };
    }

    private static ReceiptState State(BodyOutcome[] bodies)
    {
        if (Array.TrueForAll(bodies, body => body.Failure is not null && body.Read.Records == 0))
        {
            return ReceiptState.Failed;
        }

        return Array.Exists(bodies, body => body.Failure is not null || body.Read.Rejected > 0) ? ReceiptState.Partial : ReceiptState.Complete;
    }

    private static List<string> Notes(BodyOutcome[] bodies, int rejectionsKept)
    {
        var notes = new List<string>();
        long unnamed = bodies.Sum(body => body.Read.ServiceFromSource);
        if (unnamed > 0)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture, $"{unnamed} record(s) name no service; the source's name is used. Add a field 'service' to each record."));
        }

        long erased = bodies.Sum(body => body.Stored.Erased);
        if (erased > 0)
        {
            notes.Add(ReceiptNotes.Erased(erased));
        }

        long truncated = bodies.Sum(body => body.Read.Truncated);
        if (truncated > 0)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{truncated} record(s) were cut to the configured limits."));
        }

        long rejected = bodies.Sum(body => body.Read.Rejected);
        long listed = Math.Min(rejectionsKept, bodies.Sum(body => (long)body.Read.Rejections.Count));
        if (rejected > listed)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"Only the first {listed} of {rejected} rejected records are listed."));
        }

        return notes;
    }

    private static string WayOf(PostedKind kind) => kind switch
    {
        PostedKind.OtlpProtobuf or PostedKind.OtlpJson => "POST /v1/traces",
        PostedKind.Zipkin => "POST /zipkin/api/v2/spans",
        _ => "POST /api/span-logs",
    };

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
