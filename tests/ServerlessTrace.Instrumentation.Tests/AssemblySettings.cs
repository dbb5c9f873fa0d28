// Whoever listens to activities hears those of all tests of the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
