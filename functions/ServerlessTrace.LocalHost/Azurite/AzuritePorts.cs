using System.Globalization;

namespace ServerlessTrace.LocalHost.Azurite;

/// <summary>The loopback ports of Azurite's three services; 0 for any free one.</summary>
/// <param name="Blob">The blob service's port.</param>
/// <param name="Queue">The queue service's port.</param>
/// <param name="Table">The table service's port.</param>
public readonly record struct AzuritePorts(int Blob, int Queue, int Table)
{
    // The emulator's account and key are public, the same everywhere, and documented with Azurite.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <summary>The connection string of the emulator's account on these ports.</summary>
    public string ConnectionString => string.Create(
        CultureInfo.InvariantCulture,
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};" +
        $"BlobEndpoint=http://127.0.0.1:{Blob}/{Account};QueueEndpoint=http://127.0.0.1:{Queue}/{Account};" +
        $"TableEndpoint=http://127.0.0.1:{Table}/{Account};");

    internal int[] ToArray() => [Blob, Queue, Table];

    /// <summary>Whether an Azurite on <paramref name="actual"/> ports is what was asked for.</summary>
    internal bool Accepts(AzuritePorts actual) =>
        (Blob == 0 || Blob == actual.Blob) && (Queue == 0 || Queue == actual.Queue) && (Table == 0 || Table == actual.Table);
}
