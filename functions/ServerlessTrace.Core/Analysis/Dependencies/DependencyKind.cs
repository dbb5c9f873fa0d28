namespace ServerlessTrace.Core.Analysis.Dependencies;

/// <summary>What a node of a dependency graph is.</summary>
public enum DependencyKind
{
    /// <summary>A service that sends spans.</summary>
    Service,

    /// <summary>A database, inferred from <c>db.*</c> attributes.</summary>
    Database,

    /// <summary>A queue or topic, inferred from <c>messaging.*</c> attributes, of which only one side is known.</summary>
    Queue,

    /// <summary>A host or service that sends no spans, inferred from <c>peer.service</c>, <c>server.address</c> and the like.</summary>
    External,
}
