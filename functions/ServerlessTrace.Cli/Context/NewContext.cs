using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Cli.Context;

/// <summary>A context made up for a request, in each form that it travels in, as the library for senders writes it.</summary>
internal sealed class NewContext
{
    /// <summary>Sampled, and the id is random (W3C Trace Context Level 2).</summary>
    private const ActivityTraceFlags Flags = ActivityTraceFlags.Recorded | (ActivityTraceFlags)2;

    private readonly PropagationContext _context;

    /// <summary>A context.</summary>
    /// <param name="service">The service that the request begins in.</param>
    /// <param name="trace">The trace; a new one where null.</param>
    /// <param name="span">The span; a new one where null.</param>
    /// <param name="correlationId">The correlation id; the trace id where null.</param>
    public NewContext(string service, string? trace = null, string? span = null, string? correlationId = null)
    {
        Service = service;
        ActivityTraceId traceId = trace is null ? ActivityTraceId.CreateRandom() : ActivityTraceId.CreateFromString(trace);
        ActivitySpanId spanId = span is null ? ActivitySpanId.CreateRandom() : ActivitySpanId.CreateFromString(span);
        ActivityTraceFlags flags = trace is null ? Flags : ActivityTraceFlags.Recorded;
        _context = new PropagationContext(
            new ActivityContext(traceId, spanId, flags, isRemote: true),
            default(Baggage)
                .SetBaggage(ContextHeaders.CorrelationIdField, correlationId ?? traceId.ToHexString())
                .SetBaggage(ContextHeaders.RequestIdField, $"req-{ActivitySpanId.CreateRandom().ToHexString()}"));
    }

    /// <summary>The service.</summary>
    public string Service { get; }

    /// <summary>The trace id.</summary>
    public string TraceId => _context.ActivityContext.TraceId.ToHexString();

    /// <summary>The span id: the parent of whatever is called.</summary>
    public string SpanId => _context.ActivityContext.SpanId.ToHexString();

    /// <summary>HTTP headers, in the order of writing.</summary>
    public IReadOnlyDictionary<string, string> Headers => Inject(TracePropagators.Http);

    /// <summary>The headers of the envelope of a queue message.</summary>
    public IReadOnlyDictionary<string, string> MessageHeaders => Inject(TracePropagators.Messages);

    /// <summary>The comment of a SQL statement.</summary>
    public string SqlComment => Instrumentation.Databases.SqlComment.Append(string.Empty, _context).Trim();

    /// <summary>Environment variables for a child process (OpenTelemetry specification, "Environment Variables as Context Propagation Carriers").</summary>
    public IReadOnlyDictionary<string, string> Environment
    {
        get
        {
            Dictionary<string, string> variables = new() { ["OTEL_SERVICE_NAME"] = Service };
            foreach ((string name, string value) in MessageHeaders)
            {
                variables[name.ToUpperInvariant()] = value;
            }

            return variables;
        }
    }

    private Dictionary<string, string> Inject(TextMapPropagator propagator)
    {
        Dictionary<string, string> headers = [];
        propagator.Inject(_context, headers, static (to, name, value) => to[name] = value);
        return headers;
    }
}
