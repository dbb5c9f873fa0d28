namespace ServerlessTrace.Storage.Secrets;

/// <summary>The key that links are signed with.</summary>
public sealed class LinkKeyStore(StorageClients clients) : StoredKey(clients, "links");
