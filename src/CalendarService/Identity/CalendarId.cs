using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace CalendarService.Identity;

/// <summary>1 to 64 of <c>[A-Za-z0-9._-]</c>, unique to its user. Not <c>.</c> or <c>..</c>, which no path can hold.</summary>
internal readonly record struct CalendarId
{
    public const string LegalRange = "has to be 1 to 64 letters, digits, dots, underscores or hyphens, but not . or ..";

    private static readonly SearchValues<char> Legal =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    private CalendarId(string value) => Value = value;

    public string Value { get; }

    public static CalendarId New() => new(Guid.CreateVersion7().ToString("N"));

    public static bool TryParse([NotNullWhen(true)] string? text, out CalendarId id)
    {
        var legal = text is { Length: >= 1 and <= 64 } and not ("." or "..") && !text.AsSpan().ContainsAnyExcept(Legal);
        id = legal ? new CalendarId(text!) : default;
        return legal;
    }

    public override string ToString() => Value;
}
