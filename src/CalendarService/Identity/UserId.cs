using CalendarService.Requests;

namespace CalendarService.Identity;

/// <summary>Who asks, as the gateway vouches for it. Calendars, runs and intents belong to one.</summary>
internal readonly record struct UserId(string Value)
{
    public const string Header = "X-User-Id";

    private const int Longest = 256;

    /// <summary>Minimal APIs call this for every endpoint with a parameter of this type.</summary>
    public static ValueTask<UserId> BindAsync(HttpContext context)
    {
        if (Read(context) is not { } value)
        {
            throw new RefusedException(
                StatusCodes.Status401Unauthorized, "user-missing", $"The request has no single, usable {Header} header.");
        }

        return ValueTask.FromResult(new UserId(value));
    }

    /// <summary>Null when the header is missing or not usable.</summary>
    public static string? Read(HttpContext context) =>
        context.Request.Headers[Header] is [{ Length: > 0 and <= Longest } value] && !value.Any(char.IsControl) ? value : null;

    public override string ToString() => Value;
}
