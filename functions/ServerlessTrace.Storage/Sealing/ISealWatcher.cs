namespace ServerlessTrace.Storage.Sealing;

/// <summary>Sees every trace that is sealed.</summary>
public interface ISealWatcher
{
    /// <summary>Begins to look at the traces that are sealed together; null where nothing is looked for now.</summary>
    ValueTask<ISealWatch?> BeginAsync(CancellationToken cancellationToken);
}
