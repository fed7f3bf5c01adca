using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.Wire;

/// <summary>What an export is asked for: JSON, which is the default, CSV, or the CSV of another tool.</summary>
public sealed record ExportQuery(bool Csv, ExportProfile? Profile)
{
    /// <summary>A profile alone asks for CSV: there is nothing else that it could mean.</summary>
    public static bool TryRead(IQueryCollection query, out ExportQuery asked, out ExportFault? fault)
    {
        var (format, name) = (query["format"].ToString(), query["profile"].ToString());
        var profile = ExportProfile.Find(name);
        asked = new ExportQuery(format == "csv" || profile is not null, profile);
        fault = format is not ("" or "json" or "csv") ? new("unknown-format", "format", "has to be json or csv")
            : name.Length > 0 && profile is null ? new("unknown-profile", "profile", $"has to be {ExportProfile.Names}")
            : profile is not null && format == "json" ? new("profile-needs-csv", "format", $"has to be csv with profile {name}")
            : null;
        return fault is null;
    }
}

/// <param name="Field">The part of the query that is at fault.</param>
public sealed record ExportFault(string Code, string Field, string Expected)
{
    public string Detail => $"{Field} {Expected}.";

    public Dictionary<string, string[]> Errors => new(StringComparer.Ordinal) { [Field] = [Expected] };
}
