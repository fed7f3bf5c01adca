using System.ComponentModel.DataAnnotations;

namespace ServiceDefaults.Wire;

/// <summary>One planned post, as JSON in every answer, stream and export (docs/contract.md section 5).</summary>
/// <param name="ScheduledAt">RFC 3339 with the offset that <paramref name="Timezone"/> has at that moment.</param>
/// <param name="Timezone">IANA zone: the wall clock that the author meant.</param>
/// <param name="Status"><c>draft</c>, <c>scheduled</c>, <c>published</c> or <c>failed</c>.</param>
/// <param name="EditedFields">camelCase names of the fields that a person changed; a later run never overwrites them.</param>
/// <param name="Version">Rises by one with each change of this entry, from 1.</param>
public sealed record Entry(
    string EntryId,
    DateTimeOffset ScheduledAt,
    string Timezone,
    IReadOnlyList<string> Channels,
    [property: AllowedValues("draft", "scheduled", "published", "failed")] string Status,
    string Text,
    string? Link,
    IReadOnlyList<string> MediaUrls,
    IReadOnlyList<string> Tags,
    IReadOnlyList<string> EditedFields,
    int Version);
