using System.ComponentModel.DataAnnotations;
using System.Globalization;
using CalendarService.Generation;
using CalendarService.Publishing.Spool;
using CalendarService.Storage;
using ServiceDefaults.Endpoints;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Wire;

namespace CalendarService.Health;

/// <param name="Store"><c>up</c>, <c>read-only</c> or <c>down</c>.</param>
/// <param name="StoreProblem">Why it is not up.</param>
/// <param name="DataFolderProblem">Why no publish could be kept while the store is down; null when it could.</param>
/// <param name="UnsavedRuns">Generations that only this process has; a restart now loses them.</param>
/// <param name="SpoolDepth">Accepted publishes that wait for the database.</param>
internal sealed record Readiness(
    [property: AllowedValues("ready", "stopping")] string Status,
    [property: AllowedValues("up", "read-only", "down")] string Store,
    string? StoreProblem,
    string? DataFolderProblem,
    int UnsavedRuns,
    int SpoolDepth);

internal static class HealthApi
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapRead("/livez", () => TypedResults.Text("ok\n")).WithName("livez").AsProbe().Documented(HealthReferences.Live);
        endpoints.MapRead("/readyz", Ready).WithName("readyz").AsProbe().Documented(HealthReferences.Ready);
    }

    // A database that is away is no reason to take no traffic: every call has a defined answer without it.
    private static IResult Ready(
        HttpResponse response, StoreHealth health, DataFolderWatch data, UnsavedRuns unsaved, SpoolIndex spool,
        IHostApplicationLifetime lifetime)
    {
        var stopping = lifetime.ApplicationStopping.IsCancellationRequested;
        var readiness = new Readiness(
            stopping ? "stopping" : "ready", NameOf(health.Access), health.Problem, data.Problem, unsaved.Count, spool.Depth);
        response.Headers[SpoolHeader.Name] = readiness.SpoolDepth.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Json(readiness, statusCode: stopping ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    private static string NameOf(StoreAccess access) => access switch
    {
        StoreAccess.ReadWrite => "up",
        StoreAccess.Read => "read-only",
        _ => "down",
    };
}
