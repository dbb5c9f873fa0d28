using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;
using ServerlessTrace.Instrumentation.Correlation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Tests.Correlation;

public sealed class CorrelationScopeTests
{
    [Fact]
    public async Task Ids_hold_for_everything_inside_over_awaits_and_for_nothing_outside()
    {
        using (CorrelationScope.Begin("order_id", "ord-789"))
        {
            await Task.Yield();
            using (CorrelationScope.Begin("order_id", "ord-790"))
            {
                Assert.Equal("ord-790", Baggage.GetBaggage("order_id"));
            }

            Assert.Equal("ord-789", Baggage.GetBaggage("order_id"));
        }

        Assert.Equal(0, Baggage.Current.Count);
    }

    [Theory]
    [InlineData("email", "a@b.example")]
    [InlineData("order_id", "two words")]
    [InlineData("order_id", "")]
    [InlineData("order_id", "line\nbreak")]
    public void What_is_not_on_the_list_or_no_id_is_left_out_and_counted(string name, string value)
    {
        long refused = 0;
        using var meter = new MeterListener();
        meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "serverlesstrace.correlation.refused")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meter.SetMeasurementEventCallback<long>((_, count, _, _) => refused += count);
        meter.Start();

        using (CorrelationScope.Begin([new(name, value), new("user_id", "u-1")]))
        {
            Assert.Equal(["user_id"], Baggage.GetBaggage().Keys);
        }

        Assert.Equal(1, refused);
    }

    [Fact]
    public void Ids_are_on_the_current_span_and_on_every_span_begun_inside()
    {
        using TracerProvider provider = Sdk.CreateTracerProviderBuilder().AddSource(WorkSource.Name).AddProcessor(new CorrelationProcessor()).Build();
        using ContinuedWork outer = WorkContext.Continue(default, "outer");
        using (CorrelationScope.Begin("order_id", "ord-789"))
        {
            using ContinuedWork inner = WorkContext.Continue(WorkContext.Current, "inner");
            Assert.Equal("ord-789", inner.Span!.GetTagItem("order_id"));
        }

        using ContinuedWork after = WorkContext.Continue(default, "after");
        Assert.Equal("ord-789", outer.Span!.GetTagItem("order_id"));
        Assert.Null(after.Span!.GetTagItem("order_id"));
    }

    [Fact]
    public void Log_lines_inside_have_the_ids_and_the_trace()
    {
        using var spans = new Spans();
        using var log = new ScopeLog();
        using ContinuedWork work = WorkContext.Continue(Contexts.Of(), "work");

        using (CorrelationScope.Begin("order_id", "ord-789", logger: log.CreateLogger("test")))
        {
            Assert.Equal(
                [$"trace_id={Contexts.Trace}", $"span_id={work.Span!.SpanId}", "order_id=ord-789"],
                log.Fields.Select(field => $"{field.Key}={field.Value}"));
        }
    }

    /// <summary>Keeps the scope that was begun last.</summary>
    private sealed class ScopeLog : ILoggerProvider, ILogger
    {
        public IReadOnlyList<KeyValuePair<string, object>> Fields { get; private set; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Fields = (IReadOnlyList<KeyValuePair<string, object>>)(object)state;
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }

        public void Dispose()
        {
        }
    }
}
