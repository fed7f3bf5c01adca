namespace CompareBench.Load;

/// <summary>What a load generator saw in one round. In a closed loop: each connection asks again when it has its answer.</summary>
internal sealed record LoadResult(long Requests, TimeSpan Duration, Latency Latency, long Failures);

/// <summary>In milliseconds.</summary>
internal sealed record Latency(double P50, double P99, double P999);
