using Gateway.Rollout;
using Gateway.Upstream;

namespace Gateway.Admin;

/// <summary>Enum members as the admin surface spells them.</summary>
internal static class EnumTexts
{
    public static string ToText(this Availability availability) => availability switch
    {
        Availability.Available => "available",
        Availability.Unhealthy => "unhealthy",
        _ => "circuit-open",
    };

    public static string ToText(this CohortMatch match) => match switch
    {
        CohortMatch.ExcludedUser => "excluded-user",
        CohortMatch.ExcludedGroup => "excluded-group",
        CohortMatch.Environment => "environment",
        CohortMatch.User => "user",
        CohortMatch.Group => "group",
        CohortMatch.Default => "default",
        _ => "anonymous",
    };
}
