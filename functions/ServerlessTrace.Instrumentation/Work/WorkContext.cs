using System.Diagnostics;
using System.Text.Json;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using ServerlessTrace.Instrumentation.Propagation;

namespace ServerlessTrace.Instrumentation.Work;

/// <summary>
/// The context of the work at hand, and how it is kept where no call carries it: in a row, in the input of a durable orchestration, in a
/// queue within the process.
/// </summary>
public static class WorkContext
{
    /// <summary>The longest stored context that is read back, in characters.</summary>
    public const int LongestStored = 16_384;

    private static readonly AsyncLocal<ActivityContext> Received = new();

    /// <summary>The current span and baggage. Where nobody listens to spans, what was received: it goes on unchanged to whom this process calls.</summary>
    public static PropagationContext Current => new(Activity.Current?.Context ?? Received.Value, Baggage.Current);

    /// <summary>The current context as a short JSON object of headers, to be stored and given to <see cref="Restore"/> by whoever goes on, days later if need be.</summary>
    public static string Store() => Store(Current);

    /// <summary>A context as a short JSON object of headers.</summary>
    public static string Store(PropagationContext context)
    {
        Dictionary<string, string> headers = [];
        TracePropagators.Messages.Inject(context, headers, static (to, name, value) => to[name] = value);
        return JsonSerializer.Serialize(headers, ContextJson.Default.DictionaryStringString);
    }

    /// <summary>Reads a stored context. What is broken, missing or longer than <see cref="LongestStored"/> gives an empty one: the work begins a trace of its own.</summary>
    public static PropagationContext Restore(string? stored)
    {
        if (stored is null or { Length: > LongestStored })
        {
            return default;
        }

        try
        {
            Dictionary<string, string>? headers = JsonSerializer.Deserialize(stored, ContextJson.Default.DictionaryStringString);
            return headers is null ? default : TracePropagators.Messages.Extract(default, headers, static (from, name) => from.TryGetValue(name, out string? value) && value is not null ? [value] : null);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>Puts something off, with the current context, for a channel, a timer or a worker thread.</summary>
    public static DeferredWork<T> Defer<T>(T item) => new(Current, item);

    /// <summary>
    /// Goes on with work that came from elsewhere: starts a span below its context and makes its baggage the ambient one. Work that came without
    /// context is part of what is current, such as the function's invocation.
    /// </summary>
    /// <param name="from">Where it came from.</param>
    /// <param name="name">The span's name: low cardinality, such as <c>process order</c>.</param>
    /// <param name="kind">Consumer for what came by a queue, internal for what was put off.</param>
    public static ContinuedWork Continue(PropagationContext from, string name, ActivityKind kind = ActivityKind.Internal)
    {
        AmbientContext before = Enter(from);
        return new ContinuedWork(WorkSource.Start(name, kind, from.ActivityContext), before);
    }

    /// <summary>
    /// Begins work on several messages at once. Their spans become links, since a span has one parent; if all are of one trace, the batch
    /// is part of it and the first is the parent (OpenTelemetry semantic conventions, messaging, "batch").
    /// </summary>
    /// <param name="from">Where each came from; those without context are passed over, and of one span's many messages one link is kept.</param>
    /// <param name="name">The span's name.</param>
    public static ContinuedWork ContinueBatch(IReadOnlyList<PropagationContext> from, string name)
    {
        ActivityLink[] links = [.. Links(from)];
        bool isOneTrace = links.Length > 0 && links.All(link => link.Context.TraceId == links[0].Context.TraceId);
        PropagationContext parent = isOneTrace ? from.First(context => context.ActivityContext.IsValid()) : default;
        AmbientContext before = Enter(parent);
        return new ContinuedWork(
            WorkSource.Start(name, ActivityKind.Consumer, parent.ActivityContext, [new("messaging.batch.message_count", from.Count)], links), before);
    }

    /// <summary>Links to the spans of several contexts, each once, 128 at most (OpenTelemetry's limit on links).</summary>
    public static IEnumerable<ActivityLink> Links(IEnumerable<PropagationContext> contexts)
    {
        ArgumentNullException.ThrowIfNull(contexts);
        return contexts.Select(context => context.ActivityContext).Where(context => context.IsValid())
            .DistinctBy(context => (context.TraceId, context.SpanId)).Take(128).Select(context => new ActivityLink(context));
    }

    /// <summary>Makes a context the ambient one, before the span is started that shall know of it; returns what was before.</summary>
    internal static AmbientContext Enter(PropagationContext from)
    {
        var before = new AmbientContext(Activity.Current, Baggage.Current, Received.Value);
        if (from != default)
        {
            Received.Value = from.ActivityContext;
            Baggage.Current = from.Baggage;
        }

        if (from.ActivityContext.IsValid())
        {
            // What is current belongs to other work, which this is not part of.
            Activity.Current = null;
        }

        return before;
    }

    /// <summary>Restores what was ambient before.</summary>
    internal static void Leave(AmbientContext before)
    {
        Activity.Current = before.Current;
        Received.Value = before.Received;
        Baggage.Current = before.Baggage;
    }
}
