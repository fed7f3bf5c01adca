using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Configuration;

namespace Gateway.Rollout.Files;

/// <summary>An edit that cannot be made; the message says why, in words for an operator.</summary>
internal sealed class RolloutEditException(string message) : Exception(message);

/// <summary>
/// Changes one value in the bytes of <c>rollout.json</c> and none of the others: comments, blanks, line ends, a byte order mark, escapes
/// and quotes stay as people wrote them. A key that is not there comes after its neighbour, in the same way of writing. A value that
/// says the same already is left as it is.
/// </summary>
internal static class RolloutEdit
{
    private const string Percentage = "DefaultRolloutPercentage";
    private const string Enabled = "enabled";

    /// <param name="percentage">0 to 100.</param>
    /// <exception cref="RolloutEditException">The file is refused as it stands, or has no such cohort.</exception>
    public static byte[] SetPercentage(byte[] file, string cohort, double percentage)
    {
        if (percentage is not (>= 0 and <= 100))
            throw new ArgumentOutOfRangeException(nameof(percentage), percentage, "expected 0 to 100");
        var before = Read(file);
        if (before.Cohorts.GetValueOrDefault(cohort) is not { } entry)
            throw Unknown("cohort", cohort, before.Cohorts.Keys);
        if (entry.DefaultPercentage.Equals(percentage))
            return file;
        var text = (percentage + 0.0).ToString(CultureInfo.InvariantCulture); // Shortest; -0 is written as 0.
        var edited = Set(file, RolloutMembers.OfCohort(file, cohort), Percentage, text);
        return Confirm(file, edited, $"Cohorts:{cohort}:{Percentage}", text);
    }

    /// <inheritdoc cref="SetPercentage"/>
    public static byte[] SetEnabled(byte[] file, string flag, bool enabled)
    {
        var before = Read(file);
        if (before.Flags.GetValueOrDefault(flag) is not { } entry)
            throw Unknown("flag", flag, before.Flags.Keys);
        if (entry.Switch.FileEnabled == enabled)
            return file;
        var text = enabled ? "true" : "false";
        var edited = Set(file, RolloutMembers.OfFlag(file, flag, out var index), Enabled, text);
        return Confirm(file, edited, string.Create(CultureInfo.InvariantCulture, $"{RolloutFile.FlagsPath}:{index}:{Enabled}"), text);
    }

    private static byte[] Set(byte[] file, RolloutMembers members, string key, string value)
    {
        if (members.Find(key) is { } member)
        {
            var old = member.IsText ? member.ValueStart + 1 : member.ValueStart;
            return Splice(file, old, member.IsText ? member.ValueEnd - 1 : member.ValueEnd, value);
        }

        var added = $"\"{key}\": {value}";
        if (members.Neighbour is not { } neighbour)
            return Splice(file, members.Start + 1, members.Start + 1, file[members.Start + 1] == '}' ? $" {added} " : $" {added}");
        return Splice(file, neighbour.ValueEnd, neighbour.ValueEnd, $",{FindSeparator(file, neighbour.KeyStart)}{added}");
    }

    /// <summary>A line's end and an indent where the neighbour begins its line, else a blank.</summary>
    private static string FindSeparator(byte[] file, int keyStart)
    {
        var start = keyStart;
        while (start > 0 && file[start - 1] is (byte)' ' or (byte)'\t')
            start--;
        if (start == 0 || file[start - 1] != (byte)'\n')
            return " ";
        var lineEnd = start > 1 && file[start - 2] == (byte)'\r' ? "\r\n" : "\n";
        return lineEnd + Encoding.UTF8.GetString(file, start, keyStart - start);
    }

    private static byte[] Splice(byte[] file, int from, int to, string text) =>
        [.. file.AsSpan(0, from), .. Encoding.UTF8.GetBytes(text), .. file.AsSpan(to)];

    private static RolloutFile Read(byte[] file)
    {
        var findings = new List<ConfigFinding>();
        if (RolloutFile.Read(file, _ => null, "", findings) is { } read)
            return read;
        var first = ConfigFinding.InOrder(findings).First(f => f.Severity == FindingSeverity.Error);
        throw new RolloutEditException($"{RolloutFile.Name} is refused as it stands, so nothing is changed in it: {first}");
    }

    /// <summary>What was written is read again: it is the same configuration but for one value, or it is not written.</summary>
    private static byte[] Confirm(byte[] file, byte[] edited, string path, string value)
    {
        Read(edited);
        var (before, after) = (Flatten(file), Flatten(edited));
        before[path] = after.GetValueOrDefault(path);
        // Configuration spells the words true and false in its own way.
        if (!value.Equals(before[path], StringComparison.OrdinalIgnoreCase) || before.Count != after.Count
            || before.Any(entry => after.GetValueOrDefault(entry.Key) != entry.Value))
            throw new RolloutEditException($"{path} cannot be set in {RolloutFile.Name}: more than that would change");
        return edited;
    }

    private static Dictionary<string, string?> Flatten(byte[] file)
    {
        using var json = ConfigJson.Read(file, RolloutFile.Name, [])!;
        return json.Configuration.AsEnumerable().ToDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private static RolloutEditException Unknown(string kind, string name, IEnumerable<string> known) => new(
        $"there is no {kind} \"{name}\" in {RolloutFile.Name}, which has "
        + (string.Join(", ", known.Order(StringComparer.Ordinal)) is { Length: > 0 } names ? names : "none"));
}
