using System.Diagnostics;
using ServerlessTrace.Instrumentation.Correlation;

namespace ServerlessTrace.Instrumentation.Work;

/// <summary>Work that goes on with a context from elsewhere. Disposing it ends its span and restores what was ambient before.</summary>
public sealed class ContinuedWork : IDisposable
{
    private readonly AmbientContext _before;
    private bool _ended;

    internal ContinuedWork(Activity? span, AmbientContext before)
    {
        Span = span;
        _before = before;
        if (span is not null)
        {
            CorrelationScope.Tag(span, BusinessIds.Default);
        }
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
        if (!_ended)
        {
            _ended = true;
            Span?.Dispose();
            WorkContext.Leave(_before);
        }
    }
}
