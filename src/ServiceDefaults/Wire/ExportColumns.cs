namespace ServiceDefaults.Wire;

public static class ExportColumns
{
    /// <summary>The columns of a CSV export, in order (docs/contract.md section 5).</summary>
    public static readonly IReadOnlyList<string> All =
    [
        "entry_id", "calendar_id", "run_id", "scheduled_at", "timezone", "channels", "status", "channel_statuses",
        "text", "link", "media_urls", "tags", "error", "edited_fields", "version",
    ];
}
