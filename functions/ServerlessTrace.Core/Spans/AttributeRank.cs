namespace ServerlessTrace.Core.Spans;

/// <summary>Which record an attribute came from. Of two values for one key the higher rank wins, so that the order of arrival does not matter.</summary>
public enum AttributeRank : byte
{
    /// <summary>The record that started the span.</summary>
    Start = 0,

    /// <summary>A record in between.</summary>
    During = 1,

    /// <summary>The record that ended the span, or a complete span.</summary>
    End = 2,
}
