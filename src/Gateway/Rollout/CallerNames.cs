using Gateway.Configuration;
using Gateway.Exchanges;

namespace Gateway.Rollout;

/// <summary>
/// Names of users and groups in <c>rollout.json</c>. They are read as the headers that carry them are, so what stands around a name is no
/// part of it; a name that no header can carry would match nobody, without a word.
/// </summary>
internal static class CallerNames
{
    public static void Read(IConfiguration configuration, string flagsPath, FindingList findings)
    {
        var audiences = configuration.GetSection("Cohorts").GetChildren().Concat(
            configuration.GetSection(flagsPath).GetChildren()
                .SelectMany(flag => flag.GetSection("conditions:client_filters").GetChildren())
                .Select(filter => filter.GetSection("parameters:Audience")));
        foreach (var audience in audiences)
        {
            var users = Read(audience.GetSection("Users").GetChildren(), isUser: true, findings);
            var groups = Read(
                audience.GetSection("Groups").GetChildren().Select(group => group.GetSection("Name")), isUser: false, findings);
            FindOutvoted(users, Read(audience.GetSection("Exclusion:Users").GetChildren(), isUser: true, findings), findings);
            FindOutvoted(groups, Read(audience.GetSection("Exclusion:Groups").GetChildren(), isUser: false, findings), findings);
        }
    }

    private static Dictionary<string, string> Read(IEnumerable<IConfigurationSection> list, bool isUser, FindingList findings)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in list.Where(name => !string.IsNullOrEmpty(name.Value)))
        {
            CheckForm(name, isUser, findings);
            name.Value = name.Value!.Trim();
            if (!names.TryAdd(name.Value, name.Path))
            {
                findings.Warning(name.Path, name.Value, isUser
                    ? "each user once" : "each group once; the highest percentage counts");
            }
        }

        return names;
    }

    private static void CheckForm(IConfigurationSection name, bool isUser, FindingList findings)
    {
        var text = name.Value!.Trim();
        if (isUser ? !Caller.IsLegalId(text) : text.Length == 0 || text.Contains(',') || text.Any(char.IsControl))
        {
            findings.Warning(name.Path, name.Value, isUser
                ? "an id that X-User-Id can carry: 1 to 256 characters without commas and control characters; this one is nobody's"
                : "a group that X-User-Groups can carry: without commas and control characters; nobody is in this one");
        }
        else if (text.Length < name.Value.Length)
        {
            findings.Warning(name.Path, name.Value, $"\"{text}\", as which it is read: blanks around a name are no part of it");
        }

        if (isUser && text.Contains('@') && text.Any(char.IsUpper))
        {
            findings.Warning(name.Path, name.Value,
                $"\"{text.ToLowerInvariant()}\", if that is what X-User-Id says: names are compared letter by letter");
        }
    }

    private static void FindOutvoted(Dictionary<string, string> included, Dictionary<string, string> excluded, FindingList findings)
    {
        foreach (var (name, path) in included.Where(name => excluded.ContainsKey(name.Key)))
            findings.Warning(path, name, "a name that Exclusion does not have: who is excluded stays outside");
    }
}
