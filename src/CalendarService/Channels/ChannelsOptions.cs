using System.Globalization;

namespace CalendarService.Channels;

/// <summary>
/// Credentials from <c>Channels:{channel}:AccessToken</c> and <c>:ExpiresAt</c>, and the limits of the account. Read by hand,
/// not bound: a value that cannot be read must not take the other channels with it when a file is saved half-edited.
/// </summary>
internal sealed class ChannelsOptions
{
    public const string Section = "Channels";

    private static readonly string[] Rfc3339 = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    public Dictionary<string, ChannelCredential> Credentials { get; } = [];

    /// <summary>Of every channel.</summary>
    public Dictionary<string, ChannelRules> Rules { get; } = KnownChannels.All.ToDictionary(rules => rules.Channel);

    /// <summary>Each with key, value and legal range.</summary>
    public List<string> Faults { get; } = [];

    public static IReadOnlyList<string> FindFaults(IConfigurationSection section)
    {
        var read = new ChannelsOptions();
        read.Read(section);
        return read.Faults;
    }

    public void Read(IConfigurationSection section)
    {
        foreach (var channel in section.GetChildren())
        {
            // Configuration keys have no case; channel names do.
            if (KnownChannels.Find(channel.Key.ToLowerInvariant()) is { } rules)
            {
                Credentials[rules.Channel] = Credential(channel);
                Rules[rules.Channel] = Limited(rules, channel);
            }
            else
            {
                Faults.Add(
                    $"{channel.Path}: no such channel, expected one of {string.Join(", ", KnownChannels.All.Select(r => r.Channel))}");
            }
        }
    }

    private ChannelCredential Credential(IConfigurationSection channel)
    {
        if (!string.IsNullOrEmpty(channel.Value))
            Faults.Add($"{channel.Path}: \"(not shown)\", expected an object with AccessToken and, optionally, ExpiresAt");
        foreach (var setting in channel.GetChildren())
        {
            if (!Is(setting, nameof(ChannelCredential.AccessToken)) && !Is(setting, nameof(ChannelCredential.ExpiresAt))
                && ChannelLimit.Find(setting.Key) is null)
                Faults.Add($"{setting.Path}: no such setting, expected AccessToken, ExpiresAt, {ChannelLimit.Names}");
        }

        var token = channel[nameof(ChannelCredential.AccessToken)];
        var expires = channel[nameof(ChannelCredential.ExpiresAt)];
        if (string.IsNullOrEmpty(expires))
            return new(token, null, null);
        if (TryParse(expires, out var expiresAt))
            return new(token, expiresAt, null);
        Faults.Add(
            $"{channel.Path}:ExpiresAt: \"{expires}\", expected a date and time with offset (RFC 3339), such as 2027-01-31T00:00:00Z");
        return new(token, null, "ExpiresAt is not a date and time with offset (RFC 3339)");
    }

    // One that cannot be read leaves the network's own in force.
    private ChannelRules Limited(ChannelRules rules, IConfigurationSection channel)
    {
        foreach (var limit in ChannelLimit.All)
        {
            if (channel[limit.Name] is not { Length: > 0 } text)
                continue;
            if (limit.TryParse(text, out var number))
                rules = limit.Set(rules, number);
            else
                Faults.Add($"{channel.Path}:{limit.Name}: \"{text}\", expected a whole number from {limit.Least} to {limit.Most}");
        }

        return rules;
    }

    private static bool Is(IConfigurationSection setting, string name) =>
        setting.Key.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool TryParse(string text, out DateTimeOffset moment) =>
        DateTimeOffset.TryParseExact(
            text, Rfc3339, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out moment);
}

/// <param name="Unreadable">Why the rest cannot be trusted, in words without a secret.</param>
internal sealed record ChannelCredential(string? AccessToken, DateTimeOffset? ExpiresAt, string? Unreadable)
{
    private const int MinTokenLength = 8;

    public static readonly ChannelCredential None = new(null, null, null);

    /// <summary>Null when it can be used.</summary>
    public (ChannelAuthProblem Reason, string Words)? Problem(DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(AccessToken))
            return (ChannelAuthProblem.Missing, "no access token");
        if (AccessToken.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
            return (ChannelAuthProblem.Invalid, "the access token contains white space or a control character");
        if (AccessToken.Length < MinTokenLength)
            return (ChannelAuthProblem.Invalid, $"the access token has fewer than {MinTokenLength} characters");
        if (Unreadable is not null)
            return (ChannelAuthProblem.Invalid, Unreadable);
        return ExpiresAt <= now
            ? (ChannelAuthProblem.Expired,
                string.Create(CultureInfo.InvariantCulture, $"the access token expired at {ExpiresAt:yyyy-MM-dd'T'HH:mm:ssK}"))
            : null;
    }

    public override string ToString() => "ChannelCredential { … }"; // A record's own would print the token.
}
