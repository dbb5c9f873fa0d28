namespace ServerlessTrace.Core.Privacy;

/// <summary>How a replacement is written where a secret stood.</summary>
internal enum SecretForm : byte
{
    /// <summary>As it is.</summary>
    Plain = 0,

    /// <summary>In quotes: it takes the place of a JSON value that is no string.</summary>
    Quoted = 1,

    /// <summary>In quotes behind backslashes: as <see cref="Quoted"/>, in JSON inside a JSON string.</summary>
    EscapedQuoted = 2,
}
