using System.Data.Common;
using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Propagation;
using ServerlessTrace.Instrumentation.Work;

namespace ServerlessTrace.Instrumentation.Databases;

/// <summary>
/// Context in columns of a row, <c>trace_id</c> and <c>span_id</c> (32 and 16 characters), to say which request wrote it, and to go on with the
/// trace when the row is work to be done.
/// </summary>
public static class AuditColumns
{
    /// <summary>Adds the parameters <c>@trace_id</c>, <c>@span_id</c> and <c>@correlation_id</c>, NULL where there is nothing to say.</summary>
    public static void AddAuditParameters(this DbCommand command) => command.AddAuditParameters(WorkContext.Current);

    /// <summary>Adds the parameters for a context.</summary>
    public static void AddAuditParameters(this DbCommand command, PropagationContext context)
    {
        ArgumentNullException.ThrowIfNull(command);
        bool isTraced = context.ActivityContext.IsValid();
        Add(command, ContextHeaders.TraceIdField, isTraced ? context.ActivityContext.TraceId.ToHexString() : null);
        Add(command, ContextHeaders.SpanIdField, isTraced ? context.ActivityContext.SpanId.ToHexString() : null);
        Add(command, ContextHeaders.CorrelationIdField, context.Baggage.GetBaggage(ContextHeaders.CorrelationIdField));
    }

    /// <summary>The context that a row was written in: work on it goes on there. Whatever is no id gives an empty context.</summary>
    /// <param name="traceId">The column <c>trace_id</c>.</param>
    /// <param name="spanId">The column <c>span_id</c>.</param>
    /// <param name="correlationId">The column <c>correlation_id</c>.</param>
    public static PropagationContext Read(string? traceId, string? spanId, string? correlationId = null)
    {
        Baggage baggage = correlationId is not null && CorrelationPropagator.IsId(correlationId)
            ? default(Baggage).SetBaggage(ContextHeaders.CorrelationIdField, correlationId)
            : default;

        // A row that was written is a row that was traced: it is its own decision.
        return ActivityContext.TryParse($"00-{traceId?.Trim()}-{spanId?.Trim()}-01", null, isRemote: true, out ActivityContext context)
            ? new PropagationContext(context, baggage)
            : new PropagationContext(default, baggage);
    }

    private static void Add(DbCommand command, string name, string? value)
    {
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = $"@{name}";
        parameter.Value = (object?)value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }
}
