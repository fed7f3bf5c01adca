using System.CommandLine;
using System.Globalization;
using Gateway.Exchanges;
using Gateway.Rollout.Overrides;
using Gateway.Starting;
using ServiceDefaults.Options;

namespace Gateway.CommandLine;

/// <summary><c>gateway override</c>: the header with which a tester is on one side of a flag, whatever the cohort says.</summary>
internal static class OverrideCommand
{
    private static readonly Option<string> FlagName = new("--flag")
    {
        Description = "The flag, as its variable is named.", Required = true,
    };
    private static readonly Option<bool> Off = new("--off") { Description = "The old side, for who is inside; the new one by default." };
    private static readonly Option<string> For = new("--for")
    {
        Description = "How long it is good: 90s, 30m, 2h or 02:00:00; a day at most.", Required = true,
    };
    private static readonly Option<string?> User = new("--user") { Description = "Whose it is; without it, anybody's who has it." };
    private static readonly Option<bool> Json = CommandOutput.JsonOption();

    static OverrideCommand()
    {
        FlagName.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var name }] && !OverrideToken.IsFlag(name))
                result.AddError("--flag takes the name of an environment variable: letters, digits and _.");
        });
        For.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && ParseTime(text) is null)
                result.AddError("--for takes 1 second to 24 hours, as 90s, 30m, 2h or 02:00:00.");
        });
        User.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var id }] && !Caller.IsLegalId(id))
                result.AddError("--user takes an id as X-User-Id has it: 1 to 256 characters without commas, controls and blanks around.");
        });
    }

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("override", "Sign a header that puts a tester on one side of a flag.")
        {
            FlagName, Off, For, User, Json,
        };
        command.SetAction(result =>
        {
            var expires = clock.GetUtcNow() + ParseTime(result.GetValue(For)!)!.Value;
            var token = new OverrideToken(
                result.GetValue(FlagName)!, !result.GetValue(Off), expires.ToUnixTimeSeconds(), result.GetValue(User));
            var header = $"{OverrideHeader.Name}: {token.Write(ReadKey())}";
            if (result.GetValue(Json))
                result.WriteJson(
                    new { header, token.Flag, token.On, token.User, Expires = DateTimeOffset.FromUnixTimeSeconds(token.Expires) });
            else
                result.WriteText(header);
        });
        return command;
    }

    /// <summary>That of the settings, which a gateway started here would have.</summary>
    private static byte[] ReadKey()
    {
        var settings = Startup.ReadSettings().GetSection(OverrideOptions.Section);
        var options = new OverrideOptions
        {
            OverrideKey = settings[nameof(OverrideOptions.OverrideKey)],
            OverrideKeyFile = settings[nameof(OverrideOptions.OverrideKeyFile)],
        };
        var faults = new OptionFaults(OverrideOptions.Section);
        OverrideOptions.Check(options, faults);
        if (faults.All.Count > 0)
            throw new CommandRefusedException("settings", string.Join("; ", faults.All));
        return options.ReadKey() ?? throw new CommandRefusedException(
            "settings", "Rollout:OverrideKey is not set: the gateway's own key, of 32 bytes, as `openssl rand -base64 32` makes one.");
    }

    private static TimeSpan? ParseTime(string text)
    {
        var unit = text is [.., var last] ? last switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 } : 0;
        var time = unit > 0 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? TimeSpan.FromSeconds((double)count * unit)
            : TimeSpan.TryParseExact(text, @"hh\:mm\:ss", CultureInfo.InvariantCulture, out var spelled) ? spelled : TimeSpan.Zero;
        return time >= TimeSpan.FromSeconds(1) && time <= OverrideToken.Longest ? time : null;
    }
}
