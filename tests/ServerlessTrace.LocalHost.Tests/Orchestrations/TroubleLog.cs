using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ServerlessTrace.LocalHost.Tests.Orchestrations;

/// <summary>Keeps what engines complain of, so that a test that waits in vain can say why.</summary>
internal sealed class TroubleLog(ConcurrentQueue<string> entries) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            entries.Enqueue($"{formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
    }
}
