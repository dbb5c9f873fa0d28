using System.Text;
using Microsoft.Extensions.Logging;

namespace ServerlessTrace.Instrumentation.SpanLogs.Sinks;

/// <summary>Writes each record as the message of a log line, for platforms that collect nothing but logs.</summary>
/// <param name="logger">The logger; its category can be filtered by.</param>
public sealed partial class LoggerSink(ILogger logger) : SpanLogSink
{
    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        foreach (string line in Encoding.UTF8.GetString(lines.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            LogSpan(line);
        }

        return ValueTask.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{SpanLog}")]
    private partial void LogSpan(string spanLog);
}
