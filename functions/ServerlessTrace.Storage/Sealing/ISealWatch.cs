using ServerlessTrace.Core.Assembly;

namespace ServerlessTrace.Storage.Sealing;

/// <summary>A look at traces that are sealed together.</summary>
public interface ISealWatch
{
    /// <summary>Looks at a trace as it is sealed; again, if more of it turns out to be known. What was seen last counts. The trace is reused after the call.</summary>
    /// <returns>Whether there is anything about it that will be told to people: then sampling keeps it.</returns>
    bool Look(Trace trace);

    /// <summary>
    /// Does what is to be done about the traces that were seen. Their rows are written; their chunks are not deleted yet, so that after a
    /// crash all of it is repeated.
    /// </summary>
    Task CompleteAsync(CancellationToken cancellationToken);
}
