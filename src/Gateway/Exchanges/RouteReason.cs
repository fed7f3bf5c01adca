namespace Gateway.Exchanges;

/// <summary>Why the backend that answers is the one that answers: header, log line and metric say the same word.</summary>
internal enum RouteReason
{
    Ungated,
    FlagOff,
    OutsideCohort,
    InCohort,
    Override,
    Unhealthy,
    CircuitOpen,
    NotSent,
    Refused,
    Failed,
    NotFound,
    LastResort,
}

internal static class RouteReasons
{
    public static readonly IReadOnlyList<RouteReason> All = Enum.GetValues<RouteReason>();

    public static string ToLabel(this RouteReason reason) => reason switch
    {
        RouteReason.Ungated => "ungated",
        RouteReason.FlagOff => "flag-off",
        RouteReason.OutsideCohort => "outside-cohort",
        RouteReason.InCohort => "in-cohort",
        RouteReason.Override => "override",
        RouteReason.Unhealthy => "unhealthy",
        RouteReason.CircuitOpen => "circuit-open",
        RouteReason.NotSent => "not-sent",
        RouteReason.Refused => "refused",
        RouteReason.Failed => "failed",
        RouteReason.NotFound => "not-found",
        RouteReason.LastResort => "last-resort",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}
