// Each test runs several real processes on two cores, and the demo has fixed ports: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
