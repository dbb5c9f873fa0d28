namespace ServerlessTrace.Storage.Secrets;

/// <summary>The key of the hashes that stand for what was erased. Without it nobody knows any more which traces must not come back.</summary>
public sealed class ErasureKeyStore(StorageClients clients) : StoredKey(clients, "erasures");
