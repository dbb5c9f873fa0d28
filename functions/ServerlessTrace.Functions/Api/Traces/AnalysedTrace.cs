using ServerlessTrace.Core.Analysis;
using ServerlessTrace.Storage.Traces;

namespace ServerlessTrace.Functions.Api.Traces;

/// <summary>A trace as read, and its analysis, made when first asked for.</summary>
public sealed class AnalysedTrace(LoadedTrace loaded, AnalysisOptions options)
{
    private TraceAnalysis? _analysis;

    /// <summary>The trace as read.</summary>
    public LoadedTrace Loaded => loaded;

    /// <summary>What a report says about it.</summary>
    public TraceAnalysis Analysis => _analysis ??= new TraceAnalysis(loaded.Trace, options);
}
