namespace ServerlessTrace.Core.Analysis;

/// <summary>What happens to a child that overlaps the one chosen after it on the critical path.</summary>
public enum CriticalPathMode : byte
{
    /// <summary>It ran in parallel, so it is not on the path.</summary>
    Strict = 0,

    /// <summary>An overlap under 1 % of the parent's duration is taken for clock noise: it is on the path, and the overlap goes to the later child.</summary>
    Tolerant = 1,
}
