using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Polly.CircuitBreaker;

namespace CalendarService.Generation.Writers;

/// <summary>What the client throws, in our words. Theirs may hold the address, the prompt and parts of the key.</summary>
internal static class ChatFaults
{
    /// <summary>Null for an error that is not the endpoint's.</summary>
    public static WriterException? ToWriterException(Exception error) => error switch
    {
        ClientResultException result => OfStatus(result),
        // Not worth a retry: the circuit stays open for longer than a user is kept waiting.
        BrokenCircuitException => new("ai-unavailable", "The AI endpoint failed too often in a row and is left alone for a while.")
        {
            Transient = false,
        },
        HttpRequestException or IOException or OperationCanceledException or TimeoutException => Unavailable(),
        // An argument is a finish_reason that the client has no word for.
        JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException =>
            new("ai-invalid-answer", "The AI endpoint sent something that is not a chat completion."),
        _ => null,
    };

    private static WriterException OfStatus(ClientResultException error) => error.Status switch
    {
        401 or 403 => new("ai-auth", "The AI endpoint does not accept this service's credentials."),
        429 => new("ai-rate-limited", "The AI endpoint is rate-limiting this service.")
        {
            RetryAfter = RetryAfter(error.GetRawResponse()),
        },
        400 when IsContentFilter(error.GetRawResponse()) =>
            new("ai-refused", "The AI refused to write for this brief."),
        0 => Unavailable(),
        408 or 409 or >= 500 => new("ai-unavailable", $"The AI endpoint answered {error.Status}.")
        {
            RetryAfter = RetryAfter(error.GetRawResponse()),
        },
        _ => new("ai-rejected", $"The AI endpoint rejected the request with {error.Status}; check Writer:OpenAI:Model and BaseUrl."),
    };

    private static WriterException Unavailable() => new("ai-unavailable", "The AI endpoint cannot be reached, or the connection broke.");

    private static bool IsContentFilter(PipelineResponse? response) =>
        response?.Content.ToString() is { } body
        && (body.Contains("content_filter", StringComparison.Ordinal) || body.Contains("content_policy", StringComparison.Ordinal));

    private static TimeSpan? RetryAfter(PipelineResponse? response)
    {
        if (response is null || !response.Headers.TryGetValue("Retry-After", out var text)
            || !RetryConditionHeaderValue.TryParse(text, out var after))
            return null;
        // A moment is one of the endpoint's own clock, which its Date shows.
        return after.Delta ?? (response.Headers.TryGetValue("Date", out var date)
            && DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, out var now) ? after.Date - now : null);
    }
}
