using System.Text.Json;

namespace Drill;

/// <summary>The drill in figures, for <c>--json</c>. Times are seconds since it began.</summary>
internal sealed record DrillResult(bool Passed, double Seconds, IReadOnlyList<AlertResult> Alerts, IReadOnlyList<string> Muted,
    int DashboardQueries, IReadOnlyList<string> Failures)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public string ToJson() => JsonSerializer.Serialize(this, Options);
}

/// <summary>One expected alert; what did not happen is null.</summary>
internal sealed record AlertResult(
    string Alert, string Severity, string Receiver, IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string,
    string>? Annotations,
    string Fault, double FaultAt, double? BadSampleAt, double? PendingAt, double? FiringAt, double? WebhookAt, double? MendedAt,
    double? ResolvedAt,
    double? FaultToWebhook, double? MendedToResolved)
{
    public static AlertResult Of(AlertCase alert, DateTimeOffset began)
    {
        double? At(DateTimeOffset? moment) => moment is { } at ? Math.Round((at - began).TotalSeconds, 2) : null;
        return new(
            alert.Expected.Name, alert.Expected.Severity, alert.Expected.Receiver, alert.Arrival?.Labels ?? alert.Expected.Labels,
            alert.Arrival?.Annotations,
            alert.Fault, At(alert.FaultAt)!.Value, At(alert.BadSampleAt), At(alert.PendingAt), At(alert.FiringAt), At(alert.Arrival?.At),
            At(alert.MendedAt),
            At(alert.End?.At), Round(alert.SecondsToArrival), Round(alert.SecondsToEnd));
    }

    private static double? Round(double? seconds) => seconds is { } s ? Math.Round(s, 2) : null;
}
