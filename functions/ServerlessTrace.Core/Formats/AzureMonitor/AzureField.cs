namespace ServerlessTrace.Core.Formats.AzureMonitor;

/// <summary>A column of Application Insights' tables, whatever it is called in the workspace or in the classic schema.</summary>
internal enum AzureField : byte
{
    /// <summary>One that tells nothing of a trace.</summary>
    Other = 0,

    /// <summary>Which table the record is of.</summary>
    Table,

    /// <summary>The classic <c>type</c>: a dependency's or an exception's.</summary>
    ClassicType,

    Time,
    Operation,
    OperationName,
    Parent,
    Id,
    Name,
    Duration,
    Success,
    ResultCode,
    Url,
    Source,
    Target,
    DependencyType,
    Data,
    RoleName,
    RoleInstance,
    Version,
    ResourceId,
    UserId,
    SessionId,
    ItemCount,
    Properties,
    Measurements,
    Message,
    Severity,
    ExceptionType,
    ExceptionMessage,
    OuterMessage,
    Details,
    ProblemId,
    Method,

    /// <summary>The name of an envelope's item, where the envelope has a name of its own.</summary>
    ItemName,

    /// <summary>Objects of an envelope, or of an item of continuous export, and of what is in them.</summary>
    Tags,
    Item,
    Items,
    Context,
    Exceptions,
    DurationTicks,
    Dimensions,

    /// <summary>How many there are.</summary>
    Count,
}
