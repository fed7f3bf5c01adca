using Microsoft.AspNetCore.Builder;

namespace ServiceDefaults.Endpoints;

/// <summary>Marks endpoints that machines ask all the time: their good answers are logged at debug level.</summary>
public sealed class ProbeEndpoint
{
    private static readonly ProbeEndpoint Mark = new();

    public static void Apply(EndpointBuilder endpoint) => endpoint.Metadata.Add(Mark);
}

public static class ProbeEndpointExtensions
{
    public static T AsProbe<T>(this T endpoint)
        where T : IEndpointConventionBuilder
    {
        endpoint.Add(ProbeEndpoint.Apply);
        return endpoint;
    }
}
