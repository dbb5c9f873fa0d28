using System.Diagnostics;
using OpenTelemetry.Context.Propagation;

namespace ServerlessTrace.Instrumentation.Work;

/// <summary>
/// Something to do later, with the context in which it was put off: for channels, timers and worker threads, where the runtime carries no
/// context along, or the wrong one.
/// </summary>
/// <param name="Context">The context.</param>
/// <param name="Item">What to do.</param>
/// <typeparam name="T">The kind of thing.</typeparam>
public readonly record struct DeferredWork<T>(PropagationContext Context, T Item)
{
    /// <summary>Takes it up again, below the span that put it off.</summary>
    public ContinuedWork Start(string name) => WorkContext.Continue(Context, name, ActivityKind.Internal);
}
