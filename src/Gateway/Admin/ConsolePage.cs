using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Admin;

/// <summary>
/// The operator's page: one document, put together of three embedded files, that reads <c>/status</c> and <c>/explain</c>. The browser runs
/// these two texts and nothing else: their hashes are in the answer's policy.
/// </summary>
internal static class ConsolePage
{
    private static readonly string Style = Read("console.css");
    private static readonly string Script = Read("console.js");

    private static readonly string Html = Read("console.html")
        .Replace("<style></style>", $"<style>{Style}</style>", StringComparison.Ordinal)
        .Replace("<script></script>", $"<script>{Script}</script>", StringComparison.Ordinal);

    private static readonly string Policy = string.Join(
        "; ", "default-src 'none'", $"script-src '{Hash(Script)}'", $"style-src '{Hash(Style)}'", "connect-src 'self'", "img-src data:",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'");

    public static ContentHttpResult Answer(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        return TypedResults.Content(Html, "text/html; charset=utf-8");
    }

    /// <summary>Browsers hash what they have parsed, in which every line ends in LF.</summary>
    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Read(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Gateway.Admin.{file}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
