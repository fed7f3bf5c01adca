// Each test runs several real processes on two cores, and the demo has fixed ports: one at a time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
