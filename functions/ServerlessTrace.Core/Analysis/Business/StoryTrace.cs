using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Business;

/// <summary>One trace of a transaction.</summary>
/// <param name="TraceId">The trace.</param>
/// <param name="UnixNano">When it began, in ns since 1970 UTC.</param>
/// <param name="DurationNano">How long it took, in ns.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Facts">What it was about.</param>
/// <param name="Steps">What happened, in order of time.</param>
/// <param name="StepsLeftOut">How many steps there are beside these.</param>
public sealed record StoryTrace(
    TraceId TraceId, long UnixNano, long DurationNano, TraceStatus Status, IReadOnlyList<BusinessFact> Facts, IReadOnlyList<StoryStep> Steps, int StepsLeftOut)
{
    /// <summary>Whether the trace counts as complete; otherwise this is what has come so far.</summary>
    public bool IsSealed { get; init; } = true;

    /// <summary>Steps of one trace at most.</summary>
    public const int MaxSteps = 200;

    /// <summary>
    /// The story of a trace: its roots, every call from one service to another, and what failed. Of very many the failed ones, then the earliest.
    /// </summary>
    public static StoryTrace Of(TraceAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        Trace trace = analysis.Trace;
        Dictionary<int, SpanError> errors = analysis.Errors.ToDictionary(static error => error.Span);
        var spans = new List<int>();
        for (int span = 0; span < trace.SpanCount; span++)
        {
            int parent = trace.Parents[span];
            if (parent < 0 || trace[parent].Service != trace[span].Service || errors.ContainsKey(span))
            {
                spans.Add(span);
            }
        }

        IEnumerable<int> told = spans.Count <= MaxSteps ? spans : spans.OrderBy(span => errors.ContainsKey(span) ? 0 : 1).ThenBy(static span => span).Take(MaxSteps);
        StoryStep[] steps = [.. told.Order().Select(span => Step(trace, span, errors.GetValueOrDefault(span)))];
        return new StoryTrace(trace.Id, trace.Start, trace.Duration, trace.Status, analysis.Business, steps, spans.Count - steps.Length);
    }

    private static StoryStep Step(Trace trace, int span, SpanError? error)
    {
        ref readonly SpanRecord record = ref trace[span];
        int parent = trace.Parents[span];
        string caller = parent < 0 || trace[parent].Service == record.Service ? string.Empty : trace.Batch.Text(trace[parent].Service);
        string result = record.Status == SpanStatus.Error ? "ERROR" : record.IsOpen ? "OPEN" : "OK";
        string reason = string.Join(": ", new[] { error?.Code, error?.Message }.Where(static text => !string.IsNullOrEmpty(text)));
        return new StoryStep(
            record.Start,
            record.IsOpen ? null : record.Duration,
            caller,
            trace.Batch.Text(record.Service),
            trace.Batch.Text(record.Name),
            result,
            reason,
            record.SpanId.ToString());
    }
}
