using Gateway.Rollout.Arms;
using Gateway.Rollout.Control;
using ServiceDefaults.OpenApi;

namespace Gateway.Admin;

/// <summary>What the OpenAPI document says of the endpoints of <see cref="AdminApi"/>.</summary>
internal static class AdminReferences
{
    public const string About =
        "What operators, load balancers and Prometheus ask the gateway. Nothing of it is served on the public listener, and nothing of the "
        + "public listener here.";

    /// <summary>Of every path: <see cref="AdminHostMiddleware"/> stands before all of them.</summary>
    private static readonly ProblemReference OtherHost = new(421, "misdirected-request");

    public static readonly OperationReference Metrics = new("The metrics, for Prometheus")
    {
        Parameters = [ParameterReference.Header("Accept", "application/openmetrics-text for OpenMetrics 1.0.0.")],
        Answers =
        [
            new(200, "Prometheus text 0.0.4, or OpenMetrics.")
            {
                Texts =
                [
                    ("text/plain", "# TYPE gateway_backend_up gauge\ngateway_backend_up{backend=\"legacy\"} 1\n"),
                    ("application/openmetrics-text", "# TYPE gateway_backend_up gauge\ngateway_backend_up{backend=\"legacy\"} 1\n# EOF\n"),
                ],
            },
        ],
        Problems = [OtherHost],
    };

    public static readonly OperationReference Live = new("200 while the process runs; any method")
    {
        Answers = [new(200, "It runs.") { Texts = [("text/plain", "Healthy")] }],
        Problems = [OtherHost],
    };

    public static readonly OperationReference Ready = new("Whether a load balancer should send requests here; any method")
    {
        Answers =
        [
            new(200, "It takes requests.") { Texts = [("text/plain", "Healthy")] },
            new(503, "It stops, from SIGTERM on.") { Texts = [("text/plain", "Unhealthy")] },
        ],
        Problems = [OtherHost],
    };

    public static readonly OperationReference Status = new("The whole gateway at a glance")
    {
        Answers =
        [
            new(200, "What is in force, how backends are, what was answered in the last minute, and what was reloaded.")
            {
                Body = typeof(Status), Example = StatusExample,
            },
        ],
        Problems = [OtherHost, new(500, "internal-server-error")],
    };

    public static readonly OperationReference Explain = new("Who would answer a request that nobody sent, and why")
    {
        Parameters =
        [
            ParameterReference.Query("path", "Begins with /, and may have a query.") with { Required = true },
            ParameterReference.Query("method", "GET unless given."),
            ParameterReference.Query("user", "As in X-User-Id of a trusted peer."),
            ParameterReference.Query("groups", "As in X-User-Groups of a trusted peer: with commas."),
            ParameterReference.Query("host", "localhost unless given."),
            ParameterReference.Query("header", "Name: value; may be given again."),
        ],
        Answers = [new(200, "The decision, and all that led to it.") { Body = typeof(Explanation), Example = ExplainExample }],
        Problems = [new(400, "validation"), OtherHost, new(500, "internal-server-error")],
    };

    public static readonly OperationReference Evidence = new("What this gateway has counted of both arms of each ramp")
    {
        Answers = [new(200, "Sums since their epochs began.") { Body = typeof(EvidencePage), Example = EvidenceExample }],
        Problems = [OtherHost, new(500, "internal-server-error")],
    };

    public static readonly OperationReference Rollout = new("Where every ramp of the folder stands, and the last transitions")
    {
        Answers =
        [
            new(200, "As the state file says it, whoever the controller is.") { Body = typeof(RolloutReport), Example = RolloutExample },
        ],
        Problems = [OtherHost, new(500, "internal-server-error"), new(503, "rollout-unreadable")],
    };

    /// <summary>Of all that acts.</summary>
    public static readonly OperationReference Act = new("Acts on the rollout, for whoever has the key of Admin:Key")
    {
        Body = typeof(ActionBody), BodyExample = """{"reason":"the error rate is fine","expectedRevision":"5112bb7a8f2b"}""",
        Parameters = [ParameterReference.Header("Authorization", "Bearer and the key.")],
        Answers = [new(200, "Done: the event, as it stands in the audit.") { Body = typeof(RolloutEvent), Example = EventExample }],
        Problems =
        [
            new(400, "validation"), new(400, "invalid-json"), new(401, "unauthorized"), new(403, "acting-off"), new(403, "other-origin"),
            new(404, "not-found"), new(409, "revision-changed"), OtherHost, new(500, "internal-server-error"), new(503, "rollout-busy"),
            new(503, "read-only-folder"), new(503, "rollout-unreadable"),
        ],
    };

    public static readonly OperationReference Console = new("The operator's page")
    {
        Answers = [new(200, "It reads /status and /explain.") { Texts = [("text/html", "<!doctype html>")] }],
        Problems = [OtherHost],
    };

    public static readonly OperationReference Root = new("Leads to the console")
    {
        Answers = [new(302, "To /console.") { Headers = [new("Location", "/console")] }],
        Problems = [OtherHost],
    };

    private const string EvidenceExample =
        """
        {"revision":"5112bb7a8f2b","tickSeconds":10,"cohorts":{"canary":{"epoch":"4f1c2a90d1e84c4b9d0f3b6f6f0f2a11","percentage":5,
        "flagsOn":["CALENDAR_SERVICE_ENABLED"],"figures":{"tick":120,"leftOut":0,
        "canary":{"units":600,"errors":2,"firstSeen":51,"distinct":51},"control":{"units":11400,"errors":30,"firstSeen":949,"distinct":949},
        "gates":{"errors":{"canary":{"units":600,"failures":3},"control":{"units":11400,"failures":31},
        "failingUsers":[{"user":"0000004054d4b5f2a1","tick":118}]}}}}}}
        """;

    private const string EventExample =
        """
        {"id":"019ac6d2b1c07a3e9b6a2f0d4c5e6f70","at":"2026-11-26T10:15:00+00:00","who":"controller","action":"step","subject":"canary",
        "from":"5","to":"10","phase":"running","verdict":"proved-safe","why":"5 % is proved safe","numbers":{"errors":{"canaryUnits":1200,
        "canaryFailures":6,"controlUnits":22800,"controlFailures":60,"logHarm":-1.2,"harmThreshold":4.6,"logSafe":3.4,"safeThreshold":3}},
        "revisionBefore":"5112bb7a8f2b","revisionAfter":"77aa10b2c9d4",
        "undo":"gateway rollout undo 019ac6d2b1c07a3e9b6a2f0d4c5e6f70 --reason \"…\""}
        """;

    private const string RolloutExample =
        """
        {"revision":"77aa10b2c9d4","ramps":[{"cohort":"canary","phase":"running","verdict":"collecting","why":"it collects evidence",
        "percentage":10,"nextStep":25,"steps":[1,5,10,25,50,100],"startedAt":"2026-11-26T09:45:00+00:00",
        "stepSince":"2026-11-26T10:15:00+00:00","bakeSeconds":900,"bakeLeftSeconds":640,"minutesToVerdict":12,"windowOpen":true,
        "windowOpens":null,"users":{"canary":101,"control":899},"logSplit":-0.4,"logSplitThreshold":6.9,
        "gates":[{"name":"errors","measure":"server-error","against":"control","decides":true,
        "canary":{"units":1200,"failures":6,"rate":0.005,"lower":0.0023,"upper":0.0109},
        "control":{"units":22800,"failures":60,"rate":0.0026,"lower":0.002,"upper":0.0034},"failingUsers":4,"logHarm":-1.2,
        "harmThreshold":4.6,"logSafe":2.1,"safeThreshold":3}]}],"transitions":[]}
        """;

    private const string StatusExample =
        """
        {"configuration":{"folder":"/etc/gateway","revision":"5112bb7a8f2b","loadedAt":"2026-11-26T04:36:33.507+00:00",
        "environment":"Production","warnings":[],
        "lastReload":{"successful":true,"at":"2026-11-26T04:36:33.507+00:00","revision":"5112bb7a8f2b","problems":[]}},
        "flags":[{"name":"CALENDAR_SERVICE_ENABLED","on":true,"decidedBy":"environment and file","environment":"true","file":true,
        "percentage":20,"filters":["Cohort(canary)"]}],
        "cohorts":{"canary":{"defaultRolloutPercentage":20,"users":["alice"],"groups":{"staff":100},"excludedUsers":[],
        "excludedGroups":[],"environments":[]}},
        "backends":[{"id":"calendar","availability":"available","circuit":"closed","probed":true,"ramp":1,
        "destinations":[{"id":"calendar-1","address":"http://127.0.0.1:8081","active":"healthy","passive":"unknown",
        "circuit":"closed","spoolDepth":0}]}],
        "routes":[{"id":"calendar","flag":"CALENDAR_SERVICE_ENABLED","chain":["calendar","legacy"],"dryRun":null,
        "replay":"idempotent","fallbackOn":null}],
        "lastMinute":{"seconds":58.2,
        "all":{"requests":1200,"requestsPerSecond":20.62,"errors":0,"passedOver":0,"p99Seconds":0.0462,"streamsOpen":3},
        "backends":[{"id":"calendar","requests":1200,"requestsPerSecond":20.62,"errors":0,"passedOver":0,"p99Seconds":0.0462,
        "streamsOpen":3}]},
        "events":[{"at":"2026-11-26T04:36:33.507+00:00","kind":"reload","revision":"5112bb7a8f2b","text":"canary 10 % → 20 %",
        "changes":["canary 10 % → 20 %"],"problems":[]}]}
        """;

    private const string ExplainExample =
        """
        {"request":{"method":"GET","path":"/api/calendar","user":"alice","groups":["staff"],"host":null,"headers":[]},
        "revision":"5112bb7a8f2b",
        "route":{"id":"calendar","flag":"CALENDAR_SERVICE_ENABLED","chain":["calendar","legacy"],"dryRun":null,"replay":"idempotent",
        "fallbackOn":null},
        "switch":{"flag":"CALENDAR_SERVICE_ENABLED","on":true,"environment":"true","file":true,"decidedBy":"environment and file"},
        "cohort":{"accepted":true,"name":"canary","bucket":80.83941091032136,"percentage":100,"matched":"group","group":"staff",
        "filters":[{"filter":"Cohort","cohort":"canary","accepted":true,"bucket":80.83941091032136,"percentage":100,"matched":"group",
        "group":"staff"}]},
        "chain":[{"backend":"calendar","availability":"available"},{"backend":"legacy","availability":"available"}],
        "decision":{"backend":"calendar","reason":"in-cohort","gate":"in-cohort"},"override":null}
        """;
}
