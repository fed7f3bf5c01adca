using System.Runtime.InteropServices;
using Gateway.Exchanges;

namespace Gateway.Rollout.Overrides;

/// <summary>What an override comes to on one request.</summary>
/// <param name="Token">What it says, once it is known to be ours.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct OverrideVerdict(OverrideOutcome Outcome, OverrideToken? Token)
{
    /// <summary>The side that it decides; null when it decides nothing.</summary>
    public bool? Decides => Outcome == OverrideOutcome.Accepted ? Token!.On : null;
}

/// <summary>Says whether an override is to be honoured. The key is read once.</summary>
internal sealed class OverrideJudge(OverrideOptions options, TimeProvider clock)
{
    private readonly byte[]? _key = options.ReadKey();

    /// <summary>Whether any can be honoured here.</summary>
    public bool HasKey => _key is not null;

    /// <param name="route">On which the request goes.</param>
    /// <param name="flag">The route's, if it has one.</param>
    public OverrideVerdict Judge(OverrideHeader header, Caller caller, RoutePolicy route, Flag? flag)
    {
        if (_key is null)
            return new(OverrideOutcome.NotConfigured, null);
        // No token has a comma: a proxy has made one line of several.
        if (header.Lines.Count != 1 || header.Lines[0]?.Contains(',') == true)
            return new(OverrideOutcome.Repeated, null);
        if (OverrideToken.Parse(header.Lines[0] ?? "") is not var (token, signature))
            return new(OverrideOutcome.Malformed, null);
        if (!token.IsSignedWith(_key, signature))
            return new(OverrideOutcome.Forged, null);
        var left = token.Expires - clock.GetUtcNow().ToUnixTimeSeconds();
        return new(
            left switch
            {
                <= 0 => OverrideOutcome.Expired,
                _ when left > OverrideToken.Longest.TotalSeconds => OverrideOutcome.TooLong,
                _ when token.User is not null && token.User != caller.UserId => OverrideOutcome.OtherUser,
                _ when token.Flag != route.Flag => OverrideOutcome.OtherFlag,
                _ when flag is not { Switch.On: true } => OverrideOutcome.SwitchedOff,
                _ => OverrideOutcome.Accepted,
            },
            token);
    }
}
