namespace Drill;

/// <summary>An alert as it has to arrive.</summary>
/// <param name="Labels">All of them, but for its name and severity.</param>
/// <param name="Evidence">The series whose first change after the fault is the first bad sample.</param>
internal sealed record ExpectedAlert(string Name, string Severity, IReadOnlyDictionary<string, string> Labels, string Evidence)
{
    public static ExpectedAlert Warning(string name, string evidence, params (string Name, string Value)[] labels) =>
        Of(name, "warning", evidence, labels);

    public static ExpectedAlert Critical(string name, string evidence, params (string Name, string Value)[] labels) =>
        Of(name, "critical", evidence, labels);

    public static ExpectedAlert Ticket(string name, string evidence, params (string Name, string Value)[] labels) =>
        Of(name, "ticket", evidence, labels);

    public static ExpectedAlert Of(string name, string severity, string evidence, (string Name, string Value)[] labels) =>
        new(name, severity, labels.ToDictionary(l => l.Name, l => l.Value, StringComparer.Ordinal), evidence);

    /// <summary>Who is to be told.</summary>
    public string Receiver => Severity switch
    {
        "critical" => "pager",
        "warning" => "chat",
        "ticket" => "tickets",
        _ => "watchdog",
    };

    public string Selector => "ALERTS" + Words.Labels([.. Labels, new("alertname", Name), new("severity", Severity)]);

    /// <summary>Exactly: a label too many opens a second ticket for the same thing.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels) =>
        labels.Count == Labels.Count + 2 && labels.GetValueOrDefault("alertname") == Name
            && labels.GetValueOrDefault("severity") == Severity
        && Labels.All(l => labels.GetValueOrDefault(l.Key) == l.Value);

    public override string ToString() => $"{Name} {Severity} {Words.Labels(Labels)}";
}
