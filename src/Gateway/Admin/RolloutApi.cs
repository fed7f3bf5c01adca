using System.Text.Json;
using Gateway.Rollout.Control;
using ServiceDefaults.OpenApi;
using ServiceDefaults.Problems;

namespace Gateway.Admin;

/// <summary>What is asked of an action.</summary>
/// <param name="Reason">Required for what moves users.</param>
/// <param name="ExpectedRevision">Of the files that it was decided on; refused when they are others.</param>
/// <param name="Percentage">For <c>set</c>.</param>
internal sealed record ActionBody(string? Reason = null, string? ExpectedRevision = null, double? Percentage = null);

/// <summary>The rollout over the admin listener: evidence and state to read, and acting for whoever has the key.</summary>
internal static class RolloutApi
{
    public static void MapRollout(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/evidence", (OwnEvidence evidence) => TypedResults.Ok(evidence.Read())).Documented(AdminReferences.Evidence);
        endpoints.MapGet("/rollout", ReadAsync).Documented(AdminReferences.Rollout);
    }

    /// <summary>Each of these is worth its line in the log.</summary>
    public static void MapRolloutActions(this IEndpointRouteBuilder endpoints)
    {
        var acting = endpoints.MapGroup("");
        acting.AddEndpointFilterFactory((factory, next) =>
        {
            var key = ActivatorUtilities.CreateInstance<AdminKey>(factory.ApplicationServices);
            return context => key.InvokeAsync(context, next);
        });
        foreach (var verb in (string[])["start", "pause", "resume", "skip", "abort", "set"])
        {
            acting.MapPost("/rollout/{cohort}/" + verb, (HttpContext context, RolloutActions actions, string cohort) =>
                ActAsync(context, actions, verb, cohort)).Documented(AdminReferences.Act);
        }

        foreach (var verb in (string[])["kill", "enable"])
        {
            acting.MapPost("/flags/{flag}/" + verb, (HttpContext context, RolloutActions actions, string flag) =>
                ActAsync(context, actions, verb, flag)).Documented(AdminReferences.Act);
        }

        acting.MapPost("/undo/{event}", (HttpContext context, RolloutActions actions, string @event) =>
            ActAsync(context, actions, "undo", @event)).Documented(AdminReferences.Act);
    }

    private static async Task ReadAsync(HttpContext context, RolloutFolder folder, TimeProvider clock)
    {
        try
        {
            await context.Response.WriteAsJsonAsync(RolloutReport.Read(folder, clock), context.RequestAborted);
        }
        catch (RolloutRefusedException refused)
        {
            await Refuse(context, refused).WriteAsync(context);
        }
    }

    private static async Task ActAsync(HttpContext context, RolloutActions actions, string verb, string subject)
    {
        try
        {
            var body = context.Request.ContentLength is 0 ? new()
                : await context.Request.ReadFromJsonAsync<ActionBody>(context.RequestAborted) ?? new();
            var who = $"admin key from {context.Connection.RemoteIpAddress}";
            var done = await actions.ActAsync(
                new(verb, subject, body.Percentage, body.Reason, who, body.ExpectedRevision), context.RequestAborted);
            await context.Response.WriteAsJsonAsync(done, context.RequestAborted);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or BadHttpRequestException)
        {
            await Problem.For(context, StatusCodes.Status400BadRequest, "invalid-json",
                "A JSON object with reason, expectedRevision and percentage, as far as they are wanted.").WriteAsync(context);
        }
        catch (RolloutRefusedException refused)
        {
            await Refuse(context, refused).WriteAsync(context);
        }
    }

    private static Problem Refuse(HttpContext context, RolloutRefusedException refused)
    {
        var (status, code) = refused.Refusal switch
        {
            RolloutRefusal.Unknown => (StatusCodes.Status404NotFound, "not-found"),
            RolloutRefusal.Illegal => (StatusCodes.Status400BadRequest, "validation"),
            RolloutRefusal.Conflict => (StatusCodes.Status409Conflict, "revision-changed"),
            RolloutRefusal.Busy => (StatusCodes.Status503ServiceUnavailable, "rollout-busy"),
            RolloutRefusal.ReadOnly => (StatusCodes.Status503ServiceUnavailable, "read-only-folder"),
            RolloutRefusal.Unreadable => (StatusCodes.Status503ServiceUnavailable, "rollout-unreadable"),
            _ => throw new ArgumentOutOfRangeException(nameof(refused), refused.Refusal, null),
        };
        return Problem.For(context, status, code, refused.Message);
    }
}
