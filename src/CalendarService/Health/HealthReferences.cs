using ServiceDefaults.OpenApi;
using ServiceDefaults.Wire;

namespace CalendarService.Health;

/// <summary>What the OpenAPI document says of what operators and Prometheus ask.</summary>
internal static class HealthReferences
{
    public const string About =
        "Makes, keeps and publishes calendars of posts. Behind the gateway, which says who asks; there every answer also has X-Served-By "
        + "and X-Route-Reason, and the gateway may answer by itself: with a problem of its own, or with a dry-run that is marked dryRun.";

    public static readonly OperationReference Live = new("200 while the process runs")
    {
        Answers = [new(200, "It runs.") { Texts = [("text/plain", "ok\n")] }],
    };

    private static readonly HeaderReference SpoolDepth = new(SpoolHeader.Name, "Accepted publishes that wait for the database.");

    public static readonly OperationReference Ready = new("Whether it takes requests, and how its database is")
    {
        Answers =
        [
            new(200, "It takes requests, whatever its database does.")
            {
                Body = typeof(Readiness), Headers = [SpoolDepth],
                Example = """
                    {"status":"ready","store":"up","storeProblem":null,"dataFolderProblem":null,"unsavedRuns":0,"spoolDepth":0}
                    """,
            },
            new(503, "It stops.") { Body = typeof(Readiness), Headers = [SpoolDepth] },
        ],
    };

    public static readonly OperationReference Metrics = new("The metrics, for Prometheus")
    {
        Parameters = [ParameterReference.Header("Accept", "application/openmetrics-text for OpenMetrics 1.0.0.")],
        Answers =
        [
            new(200, "Prometheus text 0.0.4, or OpenMetrics.")
            {
                Texts =
                [
                    ("text/plain", "# TYPE calendar_store_up gauge\ncalendar_store_up 1\n"),
                    ("application/openmetrics-text", "# TYPE calendar_store_up gauge\ncalendar_store_up 1\n# EOF\n"),
                ],
            },
        ],
    };
}
