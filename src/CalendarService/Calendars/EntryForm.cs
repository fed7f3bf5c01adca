using System.Globalization;
using CalendarService.Channels;
using CalendarService.Requests;
using CalendarService.Storage;
using ServiceDefaults.Times;
using ServiceDefaults.Wire;

namespace CalendarService.Calendars;

/// <summary>The rules for an entry in a body: reads it, and reports every fault under its path.</summary>
internal sealed class EntryForm(ChannelRegistry channels, EntryRules rules)
{
    private const int MostChannels = 10;

    private static readonly IReadOnlyList<string> Writable = [.. EntryField.Names, "status"];
    private static readonly IReadOnlyList<string> Required = ["scheduledAt", "timezone", "channels", "status"];
    private static readonly IReadOnlyList<string> ReadOnly = ["entryId", "editedFields", "version"];

    /// <summary>A whole entry. What is missing is empty, and its zone is the calendar's.</summary>
    /// <param name="stored">What is not changed was taken before, by the rules of then, and is not judged again.</param>
    public (EntryContent Content, string? Status) Read(JsonForm form, string timezone, Entry? stored)
    {
        var zone = form.Has("timezone") ? Zone(form) : timezone;
        return (
            new EntryContent(
                Time(form, zone), zone, ChannelsOf(form, stored), TextOf(form, stored), Link(form, stored), Urls(form, stored),
                Tags(form, stored)),
            form.Has("status") ? Status(form) : null);
    }

    /// <summary>RFC 7396: a member replaces the field, null clears it.</summary>
    public (EntryContent Content, string Status) Patch(JsonForm form, Entry entry)
    {
        foreach (var name in form.Names.Where(name => !Writable.Contains(name)))
            form.Fault(name, ReadOnly.Contains(name) ? "is read-only" : "is not a field of an entry");

        var content = EntryContent.From(entry);
        var status = entry.Status;
        foreach (var name in form.Names)
        {
            if (!form.Has(name) && Required.Contains(name))
            {
                form.Fault(name, "cannot be cleared");
                continue;
            }

            content = name switch
            {
                "timezone" => content with { Timezone = Zone(form) },
                "channels" => content with { Channels = ChannelsOf(form, entry) },
                "text" => content with { Text = form.Has(name) ? TextOf(form, entry) : "" },
                "link" => content with { Link = Link(form, entry) },
                "mediaUrls" => content with { MediaUrls = Urls(form, entry) },
                "tags" => content with { Tags = Tags(form, entry) },
                _ => content,
            };
            if (name == "status")
                status = Status(form);
        }

        if (form.Has("scheduledAt"))
            content = content with { ScheduledAt = Time(form, content.Timezone) };
        else
            content = content with { ScheduledAt = Zones.At(content.ScheduledAt, content.Timezone) };
        return (content, status);
    }

    public string Zone(JsonForm form)
    {
        var zone = form.Text("timezone", 64);
        if (zone.Length > 0 && Zones.Fault(zone) is { } fault)
            form.Fault("timezone", fault);
        return zone;
    }

    public IReadOnlyList<string> ChannelsOf(JsonForm form, Entry? stored = null)
    {
        if (form.Holds("channels", stored?.Channels))
            return stored!.Channels;
        var found = form.Texts("channels", MostChannels, 64, c => channels.IsKnown(c)
            ? null
            : $"is not a known channel ({string.Join(", ", channels.Known)})");
        if (found.Count == 0 && (!form.Has("channels") || form.IsEmptyArray("channels")))
            form.Fault("channels", "has to name at least one channel");
        if (found.Distinct().Count() != found.Count)
            form.Fault("channels", "names a channel twice");
        return found;
    }

    private static DateTimeOffset Time(JsonForm form, string zone)
    {
        var text = form.Text("scheduledAt", 64);
        if (text.Length == 0)
            return default;
        var hasOffset = text.EndsWith('Z') || text.EndsWith('z') || (text.Length > 6 && text[^6] is ('+' or '-'));
        if (hasOffset && text.Length > 10 && text[10] is ('T' or 't') && DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            && time.UtcDateTime.Year is > 1970 and < 9000)
            return Zones.At(TimestampHandler.Round(time), zone);
        form.Fault("scheduledAt", "has to be an RFC 3339 time with an offset, such as 2026-11-21T09:00:00+01:00");
        return default;
    }

    private static string Status(JsonForm form)
    {
        var status = form.Text("status", 64);
        if (status.Length > 0 && !StoredEntry.Statuses.Contains(status))
            form.Fault("status", $"has to be one of {string.Join(", ", StoredEntry.Statuses)}");
        return status;
    }

    private string TextOf(JsonForm form, Entry? stored) =>
        form.Holds("text", stored?.Text) ? stored!.Text : form.OptionalText("text", rules.LongestText) ?? "";

    private static string? Link(JsonForm form, Entry? stored)
    {
        if (form.Holds("link", stored?.Link))
            return stored!.Link;
        var link = form.OptionalText("link", EntryRules.LongestUrl);
        if (link is not null && EntryRules.UrlFault(link) is { } fault)
            form.Fault("link", fault);
        return link;
    }

    private static IReadOnlyList<string> Urls(JsonForm form, Entry? stored) =>
        form.Holds("mediaUrls", stored?.MediaUrls)
            ? stored!.MediaUrls
            : form.Texts("mediaUrls", EntryRules.MostItems, EntryRules.LongestUrl, EntryRules.UrlFault);

    private static IReadOnlyList<string> Tags(JsonForm form, Entry? stored) =>
        form.Holds("tags", stored?.Tags)
            ? stored!.Tags
            : form.Texts("tags", EntryRules.MostItems, EntryRules.LongestTag, EntryRules.TagFault);
}
