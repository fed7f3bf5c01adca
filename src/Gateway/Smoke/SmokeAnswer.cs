using System.Net;
using System.Text.Json;

namespace Gateway.Smoke;

/// <summary>A whole answer of the public listener.</summary>
internal sealed record SmokeAnswer(
    string Asked, string SentId, string? User, HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string? ServedBy => Header("X-Served-By");

    public string? Reason => Header("X-Route-Reason");

    public string Summary => $"{(int)Status} {ServedBy ?? "nobody"}, {Reason ?? "no reason"}";

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public JsonElement Json
    {
        get
        {
            try
            {
                return JsonDocument.Parse(Body).RootElement;
            }
            catch (JsonException)
            {
                throw new SmokeFailedException($"{Asked}: {Summary}, and its body is not JSON");
            }
        }
    }

    /// <exception cref="SmokeFailedException">Somebody else answered.</exception>
    public SmokeAnswer By(string reason, params string[] backends)
    {
        if (!backends.Contains(ServedBy) || Reason != reason)
            throw new SmokeFailedException($"{Asked}: {Summary}; expected {string.Join(" or ", backends)}, {reason}");
        return this;
    }

    public SmokeAnswer With(params HttpStatusCode[] legal)
    {
        if (!legal.Contains(Status))
            throw new SmokeFailedException($"{Asked}: {Summary}; expected {string.Join(" or ", legal.Select(s => (int)s))}{Problem()}");
        return this;
    }

    /// <summary>What problem+json says, for the evidence.</summary>
    private string Problem()
    {
        try
        {
            var problem = JsonDocument.Parse(Body).RootElement;
            return problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("code", out var code)
                ? $"; {code}: {(problem.TryGetProperty("detail", out var detail) ? detail.ToString() : "")}"
                : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
