using System.Diagnostics;
using OpenTelemetry.Trace;

namespace ServiceDefaults.Tracing;

/// <summary>
/// A trace begins with a request. What a program does by itself (probes of backends and of the database, fetching keys) would be
/// thousands of traces of one span.
/// </summary>
internal sealed class TraceSampler(double share) : Sampler
{
    private readonly ParentBasedSampler _requests = new(new TraceIdRatioBasedSampler(share));

    public override SamplingResult ShouldSample(in SamplingParameters parameters) =>
        parameters.Kind != ActivityKind.Server && parameters.ParentContext.TraceId == default
            ? new SamplingResult(SamplingDecision.Drop)
            : _requests.ShouldSample(parameters);
}
