using System.Text.RegularExpressions;
using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Privacy;
using ServerlessTrace.Core.Spans;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Cli.Validation;

/// <summary>Looks at merged spans one by one, and at what a sender leaves out of all of its spans.</summary>
internal sealed partial class SpanLint(FindingsBySender senders, SpanBatch batch)
{
    private const int SpansAtOnce = 500;
    private const long NanosPerSecond = 1_000_000_000;

    private readonly Redactor _redactor = new(new RedactionOptions());
    private readonly Dictionary<int, Seen> _seen = [];
    private readonly SpanBatchCopy _copy = new();
    private readonly SpanBatch _some = new();

    /// <summary>Looks at all spans.</summary>
    public void Read()
    {
        for (int from = 0; from < batch.Count; from += SpansAtOnce)
        {
            int to = Math.Min(from + SpansAtOnce, batch.Count);
            if (HoldsSecret(from, to))
            {
                NoteSecrets(from, to);
            }
        }

        foreach (ref readonly SpanRecord span in batch.Spans)
        {
            if (span.IsSpan)
            {
                Read(in span);
            }
        }

        foreach ((int service, Seen seen) in _seen)
        {
            Findings findings = senders.Of(batch.Text(service));
            AddIf(findings, Rule.CoarseTime, seen is { Spans: > 1, FineTimes: 0 }, "all timestamps are whole seconds", seen);
            AddIf(findings, Rule.NoKind, seen.Kinds == 0, "no span has a kind", seen);
            AddIf(findings, Rule.NoBusinessId, seen.BusinessIds == 0, "no span has a business id", seen);
            AddIf(findings, Rule.NoEnvironment, seen.Environments == 0, "no span says its environment", seen);
        }
    }

    private static void AddIf(Findings findings, Rule rule, bool isBroken, string text, Seen seen)
    {
        if (isBroken)
        {
            findings.Add(rule, text, seen.First);
        }
    }

    private bool HoldsSecret(int from, int to)
    {
        _some.Clear();
        _copy.Begin(batch, _some);
        for (int i = from; i < to; i++)
        {
            _copy.Add(in batch[i]);
        }

        return _redactor.Begin().Redact(_some) > 0;
    }

    private void NoteSecrets(int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            if (HoldsSecret(i, i + 1))
            {
                senders.Of(batch.Text(batch[i].Service)).Add(Rule.Secret, "a record holds what looks like a secret", PlaceOf(in batch[i]));
            }
        }
    }

    private void Read(in SpanRecord span)
    {
        string place = PlaceOf(in span);
        string name = batch.Text(span.Name);
        Findings findings = senders.Of(batch.Text(span.Service));
        if (IdInName().IsMatch(name))
        {
            findings.Add(Rule.NameHasId, "a span's name holds an id", place);
        }

        if ((span.Flags & SpanFlags.ServiceFromSource) != 0)
        {
            findings.Add(Rule.MissingService, "a span names no service", place);
        }

        if (!_seen.TryGetValue(span.Service, out Seen? seen))
        {
            _seen.Add(span.Service, seen = new Seen(place));
        }

        seen.Spans++;
        seen.Kinds += span.Kind == SpanKind.Unspecified ? 0 : 1;
        seen.FineTimes += span.StartUnixNano % NanosPerSecond != 0 || span.EndUnixNano % NanosPerSecond != 0 ? 1 : 0;
        bool hasReason = span.StatusMessage != 0 || span.EventCount > 0;
        int baggage = 0;
        bool hasBusinessId = false;
        foreach (ref readonly SpanAttribute attribute in batch.Attributes(in span))
        {
            string key = batch.Text(attribute.Key);
            hasBusinessId |= key.EndsWith("_id", StringComparison.Ordinal) || key.EndsWith(".id", StringComparison.Ordinal);
            hasReason |= key is "error_code" or "error_message" or "error.type" or "exception.message";
            baggage += attribute.Scope == AttributeScope.Baggage ? key.Length + batch.Text(attribute.IsText ? attribute.Text : 0).Length + 2 : 0;
        }

        seen.BusinessIds += hasBusinessId ? 1 : 0;
        seen.Environments += DeploymentEnvironment.Of(batch, in span) != 0 ? 1 : 0;
        if (baggage > BoundedBaggagePropagator.MaxBytes)
        {
            findings.Add(Rule.BigBaggage, $"baggage is over {BoundedBaggagePropagator.MaxBytes} bytes", place);
        }

        if (span.Status == SpanStatus.Error && !hasReason)
        {
            findings.Add(Rule.NoReason, "a failed span does not say why", place);
        }
    }

    private string PlaceOf(in SpanRecord span) => $"span {span.SpanId} ({batch.Text(span.Name)}) of trace {span.TraceId}";

    /// <summary>A number of four digits or more, or a segment of digits, or a GUID, in a name.</summary>
    [GeneratedRegex(@"\d{4,}|/\d+(/|$)|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-")]
    private static partial Regex IdInName();

    private sealed class Seen(string first)
    {
        public string First => first;

        public long Spans { get; set; }

        public long FineTimes { get; set; }

        public long Kinds { get; set; }

        public long BusinessIds { get; set; }

        public long Environments { get; set; }
    }
}
