namespace ServerlessTrace.TestSupport.Faults;

/// <summary>How an optimistic write is lost.</summary>
public enum WriteLoss
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Storage refuses it: someone else was faster.</summary>
    Refused,

    /// <summary>Storage performs it, the answer is lost, and the client sends it again.</summary>
    AnswerLost,
}
