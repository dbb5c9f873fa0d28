using ServerlessTrace.TestSupport.Azurite;
using ServerlessTrace.TestSupport.Storage;

namespace ServerlessTrace.Functions.Tests;

/// <summary>The tests with storage of this assembly, one after another.</summary>
[CollectionDefinition(StorageTest.Collection)]
public sealed class StorageCollection : ICollectionFixture<AzuriteFixture>;
