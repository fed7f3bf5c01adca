using System.Globalization;
using Microsoft.Extensions.Options;
using ServiceDefaults.Wire;

namespace CalendarService.Channels;

/// <summary>The channels there are, whether each can be published to, and what each would refuse.</summary>
internal sealed partial class ChannelRegistry : IDisposable
{
    private readonly IOptionsMonitor<ChannelsOptions> _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<ChannelRegistry> _logger;
    private readonly IDisposable? _reloads;

    public ChannelRegistry(IOptionsMonitor<ChannelsOptions> options, TimeProvider clock, ILogger<ChannelRegistry> logger)
    {
        (_options, _clock, _logger) = (options, clock, logger);
        _reloads = options.OnChange(reloaded => reloaded.Faults.ForEach(LogIgnored));
    }

    public IReadOnlyList<string> Known { get; } = [.. KnownChannels.All.Select(r => r.Channel)];

    public bool IsKnown(string channel) => Known.Contains(channel);

    /// <summary>What it refuses, with the limits of the account.</summary>
    public ChannelRules? FindRules(string channel) => _options.CurrentValue.Rules.GetValueOrDefault(channel);

    public IReadOnlyList<ChannelStatus> Statuses()
    {
        var now = _clock.GetUtcNow();
        return [.. Known.Select(c => Credential(c).Problem(now) is { } problem
            ? new ChannelStatus(c, false, problem.Words)
            : new ChannelStatus(c, true, null))];
    }

    /// <summary>The channels that cannot be published to, each once, in the order given.</summary>
    public IReadOnlyList<ChannelAuthFault> CheckAuth(IEnumerable<string> channels)
    {
        var now = _clock.GetUtcNow();
        var faults = new List<ChannelAuthFault>();
        foreach (var channel in channels.Distinct())
        {
            if (Credential(channel).Problem(now) is { } problem)
                faults.Add(new ChannelAuthFault(channel, problem.Reason));
        }

        return faults;
    }

    /// <summary>What the network would answer to this entry at <paramref name="now"/>.</summary>
    public ChannelVerdict Check(string channel, Entry entry, DateTimeOffset now)
    {
        if (FindRules(channel) is not { } rules)
            return new(false, $"not a known channel; known are {string.Join(", ", Known)}");
        var faults = rules.Faults(entry);
        if (entry.ScheduledAt < now)
            faults = faults.Append($"scheduled at {Rfc3339(entry.ScheduledAt)}; the earliest is now, {Rfc3339(now)}");
        var error = string.Join("; ", faults);
        return new(error.Length == 0, error.Length == 0 ? null : error);
    }

    public void Dispose() => _reloads?.Dispose();

    private ChannelCredential Credential(string channel) =>
        _options.CurrentValue.Credentials.GetValueOrDefault(channel, ChannelCredential.None);

    private static string Rfc3339(DateTimeOffset moment) =>
        moment.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    [LoggerMessage(LogLevel.Warning, "Ignored in the reloaded configuration: {Fault}")]
    private partial void LogIgnored(string fault);
}
