using System.Net.Http.Headers;
using System.Text.Json;

namespace CalendarService.Generation.Writers;

/// <summary>
/// What is asked, in no more members than every server knows. Two of them some models refuse all the same: the stream, and instructions in
/// a role of their own.
/// </summary>
internal sealed record ChatRequest(string Model, string Instructions, string Question, bool Streams = true, bool HasSystemRole = true)
{
    /// <summary>The same without what the endpoint has refused; null when it was something else.</summary>
    public ChatRequest? Without(int status, ChatComplaint said)
    {
        if (HasSystemRole && status is 400 or 422 or 500
            && ((said.Says("system") && said.Says("role")) || said.Says("developer instruction")))
            return this with { HasSystemRole = false };
        return Streams && status is 400 or 405 or 415 or 422 or 501 && said.Says("stream") ? this with { Streams = false } : null;
    }

    public HttpContent ToContent()
    {
        var body = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["model"] = Model,
            ["messages"] = HasSystemRole
                ? new[] { Message("system", Instructions), Message("user", Question) }
                : [Message("user", $"{Instructions}\n\n{Question}")],
        };
        if (Streams)
            body["stream"] = true;
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static Dictionary<string, string> Message(string role, string content) =>
        new(StringComparer.Ordinal) { ["role"] = role, ["content"] = content };
}
