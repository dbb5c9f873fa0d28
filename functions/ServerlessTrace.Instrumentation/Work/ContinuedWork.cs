using System.Diagnostics;
using OpenTelemetry;

namespace ServerlessTrace.Instrumentation.Work;

/// <summary>Work that goes on with a context from elsewhere. Disposing it ends its span and restores what was ambient before.</summary>
public sealed class ContinuedWork : IDisposable
{
    private readonly bool _endsActivity;
    private readonly Activity? _currentBefore;
    private readonly Baggage _baggageBefore;
    private readonly ActivityContext _receivedBefore;
    private bool _ended;

    internal ContinuedWork(Activity? activity, bool endsActivity, Activity? currentBefore, Baggage baggageBefore, ActivityContext receivedBefore)
    {
        Span = activity;
        _endsActivity = endsActivity;
        _currentBefore = activity is null ? currentBefore : null;
        _baggageBefore = baggageBefore;
        _receivedBefore = receivedBefore;
    }

    /// <summary>The span; null where nobody listens.</summary>
    public Activity? Span { get; }

    /// <summary>Says that the work failed: status, <c>error.type</c> and an event with the exception.</summary>
    public void Fail(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        SpanFailure.Set(Span, exception);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        if (Span is null)
        {
            Activity.Current = _currentBefore;
        }
        else if (_endsActivity)
        {
            Span.Dispose();
        }

        WorkContext.End(_receivedBefore);
        Baggage.Current = _baggageBefore;
    }
}
