namespace ServiceDefaults.Wire;

/// <summary>The file that another tool's bulk import takes.</summary>
/// <param name="Columns">In order; written as a first line where the tool wants one.</param>
/// <param name="MostRows">What the tool takes in one file.</param>
/// <param name="TimeFormat">Of the wall clock; these formats have no time zone.</param>
/// <param name="MinuteStep">Times have to end in a multiple of so many minutes.</param>
public sealed record ExportProfile(
    string Name, IReadOnlyList<string> Columns, bool HasHeader, int MostRows, string TimeFormat, int MinuteStep)
{
    /// <summary>
    /// Hootsuite's bulk composer: three columns, no header; its dialog asks for the date format, which is mm/dd/yyyy here.
    /// </summary>
    public static readonly ExportProfile Hootsuite =
        new("hootsuite", ["Date", "Message", "Link"], HasHeader: false, MostRows: 350, "MM'/'dd'/'yyyy HH':'mm", MinuteStep: 5);

    /// <summary>Buffer's bulk upload: it reads the header, case and all.</summary>
    public static readonly ExportProfile Buffer =
        new("buffer", ["Text", "Image URL", "Tags", "Posting Time"], HasHeader: true, MostRows: 100, "yyyy-MM-dd HH':'mm", MinuteStep: 1);

    public static readonly IReadOnlyList<ExportProfile> All = [Hootsuite, Buffer];

    public static string Names { get; } = string.Join(" or ", All.Select(profile => profile.Name));

    public string ContentType => "text/csv; charset=utf-8; header=" + (HasHeader ? "present" : "absent");

    public static ExportProfile? Find(string name) => All.FirstOrDefault(profile => profile.Name == name);
}
