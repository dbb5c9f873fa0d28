namespace ServerlessTrace.FunctionModel;

/// <summary>What a purge did.</summary>
public class PurgeResult
{
    /// <summary>A purge of <paramref name="count"/> instances.</summary>
    public PurgeResult(int count) => PurgedInstanceCount = count;

    /// <summary>Instances purged.</summary>
    public int PurgedInstanceCount { get; }
}
