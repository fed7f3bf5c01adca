using Gateway.Listening;

namespace Gateway.Smoke;

/// <summary>What is expected of the user: which of the two flags are on for them.</summary>
internal enum SmokeExpectation
{
    /// <summary>Whatever the gateway says.</summary>
    Auto,
    Off,

    /// <summary>The runbook's step in between: the calendar is moved, publishing is not.</summary>
    Calendar,
    On,
}

/// <param name="Outside">A user who has to be outside the cohort.</param>
/// <param name="CalendarId">A calendar that belongs to the smoke alone; the same one each time, so that repeating it adds none.</param>
/// <param name="Channels">Those to publish to; by default two that are configured and take a post without media.</param>
/// <param name="Timeout">For an answer's head, and between two bytes of a stream.</param>
/// <param name="KeepAlive">The service's <c>Stream:KeepAlive</c>.</param>
internal sealed record SmokeOptions(
    ListenerAddress Url, string User, string? Groups, string? Outside, SmokeExpectation Expect, ListenerAddress? Admin, string CalendarId,
    IReadOnlyList<string> Channels, TimeSpan Timeout, TimeSpan KeepAlive, IReadOnlyList<string> GatewayLogs,
    IReadOnlyList<string> ServiceLogs)
{
    /// <summary>
    /// Bearer tokens, for installations that believe no <c>X-User-Id </c>; in the environment, where <c>ps </c> does not show them.
    /// </summary>
    public string? Token { get; init; }

    public string? OutsideToken { get; init; }
}

/// <summary>The smoke cannot begin: nobody there, not a gateway, the wrong user. Exit code 2.</summary>
internal sealed class SmokeImpossibleException(string message) : Exception(message);

/// <summary>A check failed; the message is the evidence.</summary>
internal sealed class SmokeFailedException(string evidence) : Exception(evidence);
