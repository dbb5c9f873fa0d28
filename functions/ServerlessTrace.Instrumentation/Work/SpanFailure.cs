using System.Diagnostics;

namespace ServerlessTrace.Instrumentation.Work;

/// <summary>How a failure is told on a span (OpenTelemetry semantic conventions, "Recording errors").</summary>
internal static class SpanFailure
{
    public const string ErrorType = "error.type";

    public static void Set(Activity? activity, Exception exception)
    {
        if (activity is not null)
        {
            activity.SetStatus(ActivityStatusCode.Error, exception.Message);
            activity.SetTag(ErrorType, exception.GetType().FullName);
            activity.AddException(exception);
        }
    }
}
