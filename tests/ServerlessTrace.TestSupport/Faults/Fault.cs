namespace ServerlessTrace.TestSupport.Faults;

/// <summary>What happens to the n-th request.</summary>
public enum Fault
{
    /// <summary>The process dies before the request is sent.</summary>
    DiesBefore,

    /// <summary>The request takes effect; the process dies before the answer comes.</summary>
    DiesAfter,

    /// <summary>The request takes effect, its answer is lost, and the client sends it again.</summary>
    AnswerLost,
}
