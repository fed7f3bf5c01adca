using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace CalendarService.Calendars;

/// <summary>The body of a save, as <see cref="CalendarEditor"/> and <see cref="EntryForm"/> read it.</summary>
internal sealed record CalendarBody(
    [property: Description("1 to 200 characters")] string Title,
    [property: Description("an IANA zone")] string Timezone,
    [property: Description("an entry that is left out is deleted")] IReadOnlyList<EntryBody> Entries,
    [property: Description("the one of the address")] string? CalendarId = null,
    [property: Description(CalendarBody.Ignored)] long? Version = null,
    [property: Description(CalendarBody.Ignored)] string? LatestRunId = null,
    [property: Description(CalendarBody.Ignored)] DateTimeOffset? UpdatedAt = null)
{
    /// <summary>There because what is loaded can be saved back as it is.</summary>
    public const string Ignored = "ignored";
}

internal sealed record EntryBody(
    [property: Description("1 to 64 of A-Za-z0-9._-")] string EntryId,
    [property: Description("RFC 3339 with an offset, from 1971 to 8999")] DateTimeOffset ScheduledAt,
    [property: Length(1, 10), Description("known channels, none twice")] IReadOnlyList<string> Channels,
    [property: Description("an IANA zone; the calendar's unless given")] string? Timezone = null,
    [property: AllowedValues("draft", "scheduled", "published", "failed", null)] string? Status = null,
    [property: Description("as long as Limits:TextLength allows")] string? Text = null,
    [property: Description("an absolute http or https address")] string? Link = null,
    [property: MaxLength(50), Description("absolute http or https addresses")] IReadOnlyList<string>? MediaUrls = null,
    [property: MaxLength(50), Description("of 1 to 100 characters")] IReadOnlyList<string>? Tags = null,
    [property: Description(CalendarBody.Ignored)] IReadOnlyList<string>? EditedFields = null,
    [property: Description(CalendarBody.Ignored)] long? Version = null);

/// <summary>The body of a patch: what is left out stays, null clears what can be cleared.</summary>
internal sealed record EntryPatch
{
    [Description("RFC 3339 with an offset, from 1971 to 8999")]
    public DateTimeOffset ScheduledAt { get; init; }

    [Description("an IANA zone")]
    public string Timezone { get; init; } = "";

    [Length(1, 10), Description("known channels, none twice")]
    public IReadOnlyList<string> Channels { get; init; } = [];

    [AllowedValues("draft", "scheduled", "published", "failed")]
    public string Status { get; init; } = "";

    public string? Text { get; init; }

    public string? Link { get; init; }

    [MaxLength(50)]
    public IReadOnlyList<string>? MediaUrls { get; init; }

    [MaxLength(50)]
    public IReadOnlyList<string>? Tags { get; init; }
}

internal sealed record DiffBody(string RunId);

internal sealed record ApplyBody(
    string RunId,
    [property: MaxLength(10_000), Description("fields whose manual value may be replaced")] IReadOnlyList<AcceptedField>? Accept = null);
