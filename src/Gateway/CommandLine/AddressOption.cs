using System.CommandLine;
using Gateway.Listening;
using Gateway.Starting;

namespace Gateway.CommandLine;

/// <summary>An option that takes a listener's address, in every command alike.</summary>
internal static class AddressOption
{
    public static Option<string?> Create(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description };
        option.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var url }] && ListenerAddress.Parse(url) is null)
                result.AddError($"{result.IdentifierToken}: \"{url}\" is not {ListenerAddress.Expected}.");
        });
        return option;
    }

    /// <summary>The admin listener that was named, else that of the settings: what the running gateway reads too.</summary>
    public static AdminClient OpenAdmin(this ParseResult result, Option<string?> option)
    {
        if (ListenerAddress.Parse(result.GetValue(option)) is { } named)
            return AdminClient.Named(named);
        const string Key = "Kestrel:Endpoints:Admin:Url";
        var setting = Startup.ReadSettings()[Key];
        return AdminClient.Own(ListenerAddress.Parse(setting)
            ?? throw new CommandRefusedException("settings", $"{Key}: \"{setting}\" is not {ListenerAddress.Expected}."));
    }
}
