using ServiceDefaults.Options;

namespace Gateway.Configuration;

/// <summary>Collects the findings of one file, so that every problem is reported at once, each with its place.</summary>
internal sealed class FindingList(string file, List<ConfigFinding> all, JsonPlaces? places = null)
{
    public int Count => all.Count;

    /// <summary>Of this file.</summary>
    public IEnumerable<ConfigFinding> Errors => all.Where(f => f.File == file && f.Severity == FindingSeverity.Error);

    public bool HasErrors => Errors.Any();

    public void Error(string path, string? value, string expected, string? suggestion = null) =>
        Add(path, value, expected, FindingSeverity.Error, suggestion);

    public void Warning(string path, string? value, string expected, string? suggestion = null) =>
        Add(path, value, expected, FindingSeverity.Warning, suggestion);

    /// <summary>One of several names was expected.</summary>
    public void Error(string path, string? value, string expected, IEnumerable<string> known) =>
        Error(path, value, expected, NearestName.Find(value ?? "", known));

    /// <summary>For a key that means nothing: it is the key that is wrong, whatever its value is.</summary>
    public void ErrorAtKey(string path, string? value, string expected, string? suggestion = null) =>
        Add(path, value, expected, FindingSeverity.Error, suggestion, atKey: true);

    public void WarningAtKey(string path, string? value, string expected, string? suggestion = null) =>
        Add(path, value, expected, FindingSeverity.Warning, suggestion, atKey: true);

    private void Add(string path, string? value, string expected, FindingSeverity severity, string? suggestion, bool atKey = false)
    {
        var place = places?.Find(path, atKey);
        all.Add(new(file, path, value, expected, severity, place?.Line, place?.Column, suggestion));
    }
}
