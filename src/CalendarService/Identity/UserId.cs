using CalendarService.Requests;
using ServiceDefaults.Logging;

namespace CalendarService.Identity;

/// <summary>Who asks, as the gateway vouches for it. Calendars, runs and intents belong to one.</summary>
internal readonly record struct UserId(string Value)
{
    public const string Header = "X-User-Id";

    private const int Longest = 256;

    /// <summary>Minimal APIs call this for every endpoint with a parameter of this type.</summary>
    public static ValueTask<UserId> BindAsync(HttpContext context)
    {
        var header = context.Request.Headers[Header];
        if (header is not [{ Length: > 0 and <= Longest } value] || value.Any(char.IsControl))
        {
            throw new RefusedException(
                StatusCodes.Status401Unauthorized, "user-missing", $"The request has no single, usable {Header} header.");
        }

        if (context.Features.Get<RequestFields>() is { } fields)
            fields.UserId = value;
        return ValueTask.FromResult(new UserId(value));
    }

    public override string ToString() => Value;
}
