// One test measures what the process allocates, and the others would disturb it.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
