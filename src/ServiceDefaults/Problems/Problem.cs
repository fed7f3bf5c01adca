using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using ServiceDefaults.Correlation;

namespace ServiceDefaults.Problems;

/// <summary>RFC 9457 problem details as both programs write them: always with <c>code</c> and <c>requestId</c>.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">A stable, kebab-case word that programs switch on.</param>
/// <param name="Detail">A sentence for a person.</param>
public sealed record Problem(int Status, string Code, string Title, string? Detail, string? RequestId)
{
    public const string ContentType = "application/problem+json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public string Type { get; init; } = "about:blank";

    /// <summary>Faults by JSON path of the field, when the input is at fault.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>Members of one kind of problem, such as <c>channels</c> of <c>channel-auth</c>.</summary>
    [JsonExtensionData]
    public IDictionary<string, object>? Extensions { get; init; }

    /// <summary>A problem whose title, and code unless given, are the status's own.</summary>
    public static Problem For(HttpContext context, int status, string? code = null, string? detail = null)
    {
        var title = ReasonPhrases.GetReasonPhrase(status);
        return new Problem(status, code ?? CodeOf(status), title, detail, context.Features.Get<RequestFields>()?.RequestId);
    }

    /// <summary>The status's own word, such as <c>not-found</c>.</summary>
    public static string CodeOf(int status) => ReasonPhrases.GetReasonPhrase(status).ToLowerInvariant().Replace(' ', '-');

    public byte[] ToUtf8Bytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    public Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        return context.Response.WriteAsJsonAsync(this, Json, ContentType, context.RequestAborted);
    }
}
