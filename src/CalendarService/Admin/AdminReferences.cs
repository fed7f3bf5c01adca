using CalendarService.Requests;
using ServiceDefaults.OpenApi;

namespace CalendarService.Admin;

/// <summary>What the OpenAPI document says of the endpoints of <see cref="AdminApi"/>.</summary>
internal static class AdminReferences
{
    public static readonly OperationReference RollbackReport = new("What is only in this service, and whose")
    {
        Parameters =
        [
            ParameterReference.Header("Authorization", "Bearer with Admin:Key. Never through a gateway: 404.") with { Required = true },
            ParameterReference.Query("limit", "The most users of active; 1 to 1000, 100 unless given."),
        ],
        Answers =
        [
            new(200, "Counted at one moment; active are those who made or changed something within 24 hours, the latest first.")
            {
                Body = typeof(RollbackReport),
                Example = """
                    {"at":"2026-11-26T20:00:00+00:00","since":"2026-11-20T08:13:50.1+00:00","users":3,
                    "rows":{"calendars":3,"entries":5,"manualEdits":1,"runs":6,"intents":12},
                    "activeSince":"2026-11-25T20:00:00+00:00","activeUsers":1,"active":[{"userId":"alice",
                    "lastActiveAt":"2026-11-26T19:58:12.4+00:00",
                    "rows":{"calendars":1,"entries":2,"manualEdits":1,"runs":1,"intents":4}}]}
                    """,
            },
        ],
        Problems =
        [
            RequestReferences.Validation,
            new(401, "admin-key") { Headers = [new("WWW-Authenticate", "Bearer")] },
            new(403, "admin-off"), new(500, "internal-server-error"), RequestReferences.StoreUnavailable,
        ],
    };
}
