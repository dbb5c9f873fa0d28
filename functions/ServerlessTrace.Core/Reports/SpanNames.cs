using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Reports;

/// <summary>The names that reports and query APIs give to kinds and states.</summary>
public static class SpanNames
{
    /// <summary><c>SERVER</c>, <c>CLIENT</c>, …; <c>UNSPECIFIED</c> where it was not said.</summary>
    public static string Of(SpanKind kind) => kind switch
    {
        SpanKind.Internal => "INTERNAL",
        SpanKind.Server => "SERVER",
        SpanKind.Client => "CLIENT",
        SpanKind.Producer => "PRODUCER",
        SpanKind.Consumer => "CONSUMER",
        _ => "UNSPECIFIED",
    };

    /// <summary><c>UNSET</c>, <c>OK</c> or <c>ERROR</c>.</summary>
    public static string Of(SpanStatus status) => status switch
    {
        SpanStatus.Ok => "OK",
        SpanStatus.Error => "ERROR",
        _ => "UNSET",
    };

    /// <summary><c>OK</c>, <c>INCOMPLETE</c> or <c>ERROR</c>.</summary>
    public static string Of(TraceStatus status) => status switch
    {
        TraceStatus.Ok => "OK",
        TraceStatus.Error => "ERROR",
        _ => "INCOMPLETE",
    };
}
