using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Polly.CircuitBreaker;

namespace CalendarService.Generation.Writers;

/// <summary>
/// What goes wrong with an endpoint, in our words and with what an operator can do. Theirs may hold the address, the prompt and parts of
/// the key, and differ with every server: what is compared with them here is from the documentation and the trackers of OpenAI, Azure,
/// Gemini, Mistral, Groq, OpenRouter, DeepSeek, vLLM, llama.cpp, Ollama and LocalAI.
/// </summary>
internal static class ChatFaults
{
    /// <summary>Null for an error that is not the endpoint's.</summary>
    public static WriterException? ToWriterException(Exception error) => error switch
    {
        // Not worth a retry: the circuit stays open for longer than a user is kept waiting.
        BrokenCircuitException => new("ai-unavailable", "The AI endpoint failed too often in a row and is left alone for a while.")
        {
            Transient = false,
        },
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => new(
            "ai-unavailable", "The AI endpoint cannot be reached: its name cannot be resolved; check Writer:OpenAI:BaseUrl."),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new(
            "ai-unavailable", "The AI endpoint cannot be reached: no TLS connection; check its certificate and Writer:OpenAI:BaseUrl."),
        InvalidDataException => new("ai-unavailable", "The AI endpoint's answer is compressed and cannot be unpacked."),
        HttpRequestException or IOException or OperationCanceledException or TimeoutException => new(
            "ai-unavailable", "The AI endpoint cannot be reached, or the connection broke."),
        _ => null,
    };

    public static WriterException OfStatus(int status, HttpResponseHeaders headers, ChatComplaint complaint, bool isWebPage)
    {
        var fault = isWebPage && status is not (401 or 407 or 429) ? OfWebPage(status) : OfComplaint(status, complaint);
        return new(fault.Code, fault.Message) { Transient = fault.Transient, RetryAfter = RetryAfter(headers) ?? complaint.RetryAfter };
    }

    /// <summary>An error in the middle of a good answer.</summary>
    public static WriterException Reported(JsonElement error)
    {
        var complaint = ChatComplaint.Read(error);
        var fault = OfComplaint(complaint.Status, complaint);
        return new(fault.Code, fault.Message) { Transient = fault.Transient, RetryAfter = complaint.RetryAfter };
    }

    public static WriterException NoAnswer(bool isWebPage) => isWebPage
        ? new("ai-invalid-answer", "The AI endpoint answered with a web page; check Writer:OpenAI:BaseUrl, which ends with /v1 mostly.")
        : new("ai-invalid-answer", "The AI endpoint answered, but not with a chat completion.");

    public static WriterException Refused() => new("ai-refused", "The AI refused to write for this brief.");

    public static WriterException Redirects(string? to) => new("ai-rejected", to is null
        ? "The AI endpoint redirects to nowhere; check Writer:OpenAI:BaseUrl."
        : $"The AI endpoint redirects to {to}, which is not asked and gets no key; if it is yours, name it in Writer:OpenAI:BaseUrl.");

    /// <summary>By the word that an answer ended with.</summary>
    public static bool IsRefusal(string? finish) =>
        finish is "content_filter" or "safety" or "prohibited_content" or "blocklist" or "recitation" or "sensitive" or "refusal";

    private static WriterException OfWebPage(int status) => status switch
    {
        403 => new("ai-forbidden", "Something in front of the AI endpoint keeps this service out: 403 and a web page."),
        < 500 and not 408 => new(
            "ai-rejected", $"What answers for the AI endpoint sent {status} and a web page; check Writer:OpenAI:BaseUrl."),
        _ => new("ai-unavailable", $"What stands in front of the AI endpoint answered {status}: the AI behind it is away or too slow."),
    };

    // From what only one cause has to what many have.
    private static WriterException OfComplaint(int status, ChatComplaint said) => status switch
    {
        _ when said.Says("content_filter", "content_policy", "data_inspection_failed", "responsibleai", "moderation", "flagged",
            "prohibited_content") => Refused(),
        _ when status == 402 || IsQuota(said) => new(
            "ai-quota", "The AI endpoint's quota or credit is used up; look at its plan and billing."),
        _ when status == 413 || (status != 429 && said.Says(
            "context_length", "context length", "context window", "context_window", "context size", "exceed_context", "prompt is too long",
            "input is too long", "too many tokens", "string_above_max_length")) => new(
            "ai-too-long", "The brief and the posts asked for are more than the AI's model takes at once; shorten the brief, "
            + "ask for fewer posts, or name a model with a larger context in Writer:OpenAI:Model."),
        401 or 407 => Credentials(),
        _ when said.Says("invalid_api_key", "incorrect api key", "api_key_invalid", "api key not valid", "api key expired",
            "authentication_error", "invalid_authentication") => Credentials(),
        _ when said.Says("unsupported_country", "territory", "region not supported", "country not supported",
            "location is not supported", "not available in your") || (status == 403 && said.Says("region", "country")) => new(
            "ai-forbidden", "The AI endpoint does not serve this service's region or country."),
        _ when IsModel(status, said) => new(
            "ai-rejected", "The AI endpoint does not have the model, or not for these credentials; check Writer:OpenAI:Model."),
        403 when said.Says("permission", "scope", "forbidden", "access", "not allowed", "policy") => new(
            "ai-forbidden", "The AI endpoint knows this service's credentials and does not permit this call; look at their permissions."),
        403 => Credentials(),
        404 => new(
            "ai-rejected", "The AI endpoint has nothing at this address (404); check Writer:OpenAI:BaseUrl, which ends with /v1 mostly."),
        429 => Limited(),
        _ when status is 0 or >= 500 && said.Says("rate_limit", "rate limit", "too many requests") => Limited(),
        501 or 505 => Rejected(status),
        408 or 409 or 425 or >= 500 => new("ai-unavailable", $"The AI endpoint answered {status}{Load(said)}."),
        0 when said.Says("invalid_request", "invalid request", "badrequest") => new(
            "ai-rejected", "The AI endpoint rejected the request in its answer; check Writer:OpenAI:Model and BaseUrl."),
        0 => new("ai-unavailable", $"The AI endpoint reported an error in the middle of its answer{Load(said)}."),
        _ => Rejected(status),
    };

    private static bool IsQuota(ChatComplaint said) => said.Says("insufficient_quota", "insufficient balance", "insufficient_balance",
        "insufficient credit", "insufficient_credit", "insufficient funds", "billing_hard_limit", "billing_not_active", "credit balance",
        "payment required", "payment_required", "out of credits", "exceeded_current_quota", "quota_exceeded", "spending limit")
        // Gemini says the same of a limit by the minute.
        || (said.Says("exceeded your current quota") && !said.Says("resource_exhausted"));

    private static bool IsModel(int status, ChatComplaint said) =>
        said.Says("model_not_found", "model not found", "no such model", "unknown model", "unknown_model", "invalid model",
            "access to model", "invalid_model", "deploymentnotfound", "model_not_available", "model_decommissioned", "not a valid model")
        || (status is 0 or 400 or 404 && said.Says("model") && said.Says("not found", "does not exist", "not exist", "not loaded",
            "decommissioned", "pull", "is not supported for generatecontent"));

    private static WriterException Credentials() => new(
        "ai-auth", "The AI endpoint does not accept this service's credentials; check Writer:OpenAI:ApiKey.");

    private static WriterException Limited() => new("ai-rate-limited", "The AI endpoint is rate-limiting this service.");

    private static WriterException Rejected(int status) => new(
        "ai-rejected", $"The AI endpoint rejected the request with {status}; check Writer:OpenAI:Model and BaseUrl.");

    private static string Load(ChatComplaint said) => said.Says("overloaded", "capacity", "no available") ? ": it is overloaded"
        : said.Says("loading") ? ": it is still loading the model"
        : said.Says("timeout", "timed out") ? ": it took too long"
        : "";

    private static TimeSpan? RetryAfter(HttpResponseHeaders headers)
    {
        if (First("Retry-After-Ms") is { } ms && ChatComplaint.Seconds(ms, 0.001) is { } exact)
            return exact;
        if (First("Retry-After") is not { } text)
            return null;
        // A moment is one of the endpoint's own clock, which its Date shows.
        return ChatComplaint.Seconds(text) ?? (Moment(text) is { } then && Moment(First("Date")) is { } now ? then - now : null);

        string? First(string name) => headers.NonValidated.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

        static DateTimeOffset? Moment(string? text) =>
            DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
    }
}
