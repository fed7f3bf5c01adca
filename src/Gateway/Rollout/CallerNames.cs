using Gateway.Configuration;
using Gateway.Exchanges;

namespace Gateway.Rollout;

/// <summary>
/// Names of users and groups in <c>rollout.json</c>. They are read as the headers that carry them are, so what stands around a name is no
/// part of it; a name that no header can carry would match nobody, without a word.
/// </summary>
internal static class CallerNames
{
    private static readonly string[] Users = ["Users", "Exclusion:Users"];
    private static readonly string[] Groups = ["Exclusion:Groups"];

    public static void Read(IConfiguration configuration, string flagsPath, FindingList findings)
    {
        var audiences = configuration.GetSection("Cohorts").GetChildren().Concat(
            configuration.GetSection(flagsPath).GetChildren()
                .SelectMany(flag => flag.GetSection("conditions:client_filters").GetChildren())
                .Select(filter => filter.GetSection("parameters:Audience")));
        foreach (var audience in audiences)
        {
            foreach (var user in Users.SelectMany(list => audience.GetSection(list).GetChildren()))
                Read(user, isUser: true, findings);
            foreach (var group in Groups.SelectMany(list => audience.GetSection(list).GetChildren()))
                Read(group, isUser: false, findings);
            foreach (var group in audience.GetSection("Groups").GetChildren())
                Read(group.GetSection("Name"), isUser: false, findings);
        }
    }

    private static void Read(IConfigurationSection name, bool isUser, FindingList findings)
    {
        var text = (name.Value ?? "").Trim();
        if (isUser ? !Caller.IsLegalId(text) : text.Length == 0 || text.Contains(',') || text.Any(char.IsControl))
        {
            findings.Warning(name.Path, name.Value, isUser
                ? "an id that X-User-Id can carry: 1 to 256 characters without commas and control characters; this one is nobody's"
                : "a group that X-User-Groups can carry: without commas and control characters; nobody is in this one");
        }
        else if (isUser && text.Contains('@') && text.Any(char.IsUpper))
        {
            findings.Warning(name.Path, name.Value,
                $"\"{text.ToLowerInvariant()}\", if that is what X-User-Id says: names are compared letter by letter");
        }

        name.Value = text;
    }
}
