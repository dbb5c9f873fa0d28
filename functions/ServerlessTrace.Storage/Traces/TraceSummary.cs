using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Core.Analysis.Business;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Storage.Traces;

/// <summary>What a search knows of a sealed trace.</summary>
/// <param name="TraceId">The trace.</param>
/// <param name="Revision">How often it was sealed, counted from 1.</param>
/// <param name="StartUnixNano">Its start, in ns since 1970 UTC.</param>
/// <param name="DurationNano">Its duration in ns.</param>
/// <param name="Status">How it stands.</param>
/// <param name="SpanCount">How many spans it has.</param>
/// <param name="ErrorCount">How many of them failed.</param>
/// <param name="RootService">The root's service.</param>
/// <param name="RootOperation">The root's name.</param>
/// <param name="Environment">The root's deployment environment; empty where unknown.</param>
/// <param name="Services">Its services, in order of appearance, bounded.</param>
/// <param name="Operations">The names of all spans, in order of appearance, each once, bounded.</param>
public sealed record TraceSummary(
    TraceId TraceId,
    int Revision,
    long StartUnixNano,
    long DurationNano,
    TraceStatus Status,
    int SpanCount,
    int ErrorCount,
    string RootService,
    string RootOperation,
    string Environment,
    IReadOnlyList<string> Services,
    IReadOnlyList<string> Operations)
{
    private const int OperationsKept = 32;

    /// <summary>Far more than take part in any trace that people look at: a sender may make up one a span.</summary>
    private const int ServicesKept = 500;

    /// <summary>The longest duration of one of its spans, in ns.</summary>
    public long LongestSpanNano { get; init; }

    /// <summary>What it was about.</summary>
    public IReadOnlyList<BusinessMark> Business { get; init; } = [];

    /// <summary>Summarises a trace.</summary>
    public static TraceSummary Of(Trace trace, int revision) => Of(trace, revision, []);

    /// <summary>Summarises a trace of which it is known what it was about.</summary>
    internal static TraceSummary Of(Trace trace, int revision, IReadOnlyList<BusinessMark> business)
    {
        ArgumentNullException.ThrowIfNull(trace);
        SpanBatch batch = trace.Batch;
        var services = new List<int>();
        var operations = new List<int>();
        long longest = 0;
        for (int i = 0; i < trace.SpanCount; i++)
        {
            ref readonly SpanRecord span = ref trace[i];
            AddOnce(services, span.Service, ServicesKept);
            AddOnce(operations, span.Name, OperationsKept);
            longest = Math.Max(longest, span.Duration);
        }

        bool rooted = trace.Root >= 0;
        return new TraceSummary(
            trace.Id,
            revision,
            trace.Start,
            trace.Duration,
            trace.Status,
            trace.SpanCount,
            trace.ErrorCount,
            rooted ? batch.Text(trace[trace.Root].Service) : string.Empty,
            rooted ? batch.Text(trace[trace.Root].Name) : string.Empty,
            batch.Text(DeploymentEnvironment.Of(trace)),
            Texts(batch, services),
            Texts(batch, operations))
        {
            LongestSpanNano = longest,
            Business = business,
        };
    }

    private static void AddOnce(List<int> texts, int text, int limit)
    {
        if (text != 0 && texts.Count < limit && !texts.Contains(text))
        {
            texts.Add(text);
        }
    }

    private static string[] Texts(SpanBatch batch, List<int> numbers)
    {
        string[] texts = new string[numbers.Count];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = batch.Text(numbers[i]);
        }

        return texts;
    }
}
