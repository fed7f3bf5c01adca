using System.Net.Http.Json;
using System.Text.Json;

namespace Gateway.Tests;

/// <summary>What a client reads off an answer.</summary>
internal static class Answers
{
    public static string? Header(this HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values)
            : null;

    public static string? ServedBy(this HttpResponseMessage response) => response.Header("X-Served-By");

    public static string? Reason(this HttpResponseMessage response) => response.Header("X-Route-Reason");

    public static string? ProxyStatus(this HttpResponseMessage response) => response.Header("Proxy-Status");

    public static string RequestId(this HttpResponseMessage response) => response.Header("X-Request-Id")!;

    public static Task<string> TextAsync(this HttpResponseMessage response) => response.Content.ReadAsStringAsync();

    public static Task<JsonElement> JsonAsync(this HttpResponseMessage response) => response.Content.ReadFromJsonAsync<JsonElement>();

    /// <summary>The answer's problem+json, after checking what every problem carries.</summary>
    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.JsonAsync();
        Assert.Equal((int)response.StatusCode, problem.GetProperty("status").GetInt32());
        Assert.Equal(response.RequestId(), problem.GetProperty("requestId").GetString());
        return problem;
    }

    public static async Task<string> ProblemCodeAsync(this HttpResponseMessage response) =>
        (await response.ProblemAsync()).GetProperty("code").GetString()!;
}
