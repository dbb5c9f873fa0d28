namespace ServerlessTrace.Core.Privacy;

/// <summary>
/// How far runs of like bytes reach that were looked through for one candidate: a later one inside the same run need not look again. Without it a
/// text made of candidates takes the square of its length.
/// </summary>
internal struct SeenRuns
{
    /// <summary>Where the run of digits, blanks and dashes ends that was looked through last.</summary>
    public int Numbers;

    /// <summary>Where the run of base64url ends that was looked through last for a web token's header.</summary>
    public int Headers;
}
