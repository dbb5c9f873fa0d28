using System.Runtime.InteropServices;
using ServerlessTrace.Core.Analysis.Dependencies;
using ServerlessTrace.Core.Assembly;
using ServerlessTrace.Core.Spans;

namespace ServerlessTrace.Core.Analysis.Aggregates;

/// <summary>What the names in a batch mean, looked up once for all aggregators of its traces. The batch must keep its texts meanwhile. Not thread-safe.</summary>
public sealed class BatchNames
{
    private readonly DependencyFinder _dependencies;
    private readonly List<DependencyCall> _calls = [];
    private readonly Dictionary<int, string> _operations = [];

    /// <summary>Looks at a batch's names.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="options">The business keys and attributes to look for.</param>
    public BatchNames(SpanBatch batch, AnalysisOptions options)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(options);
        Batch = batch;
        BusinessKeys = new BusinessKeyNumbers(batch, options.BusinessKeys);
        MeasuredAttributes = new BusinessKeyNumbers(batch, options.MeasuredAttributes);
        _dependencies = new DependencyFinder(batch);
    }

    internal SpanBatch Batch { get; }

    internal BusinessKeyNumbers BusinessKeys { get; }

    internal BusinessKeyNumbers MeasuredAttributes { get; }

    /// <summary>The name of an operation, by its text's number in the batch, without ids.</summary>
    internal string Operation(int name)
    {
        ref string? operation = ref CollectionsMarshal.GetValueRefOrAddDefault(_operations, name, out _);
        return operation ??= OperationTemplate.Of(Batch.Text(name));
    }

    /// <summary>The calls of a trace of the batch, valid until the next time.</summary>
    internal List<DependencyCall> Calls(Trace trace)
    {
        _calls.Clear();
        _dependencies.Find(trace, _calls);
        return _calls;
    }
}
