using ServerlessTrace.TestSupport.Azurite;

namespace ServerlessTrace.Storage.Tests;

/// <summary>The names of tables are fixed, so that tests with storage take turns; each begins with empty tables.</summary>
[CollectionDefinition(Name)]
public sealed class StorageCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "storage";
}
