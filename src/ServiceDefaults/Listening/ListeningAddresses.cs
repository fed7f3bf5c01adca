using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace ServiceDefaults.Listening;

/// <summary>Where a program with these settings will listen, for those who have to know it before it starts.</summary>
public static class ListeningAddresses
{
    /// <summary>As one line of <c>check</c>: <c>listens on http://*:8080 http://127.0.0.1:9901</c>.</summary>
    public static string Describe(IConfiguration settings) => $"listens on {string.Join(' ', Read(settings))}";

    /// <returns>Each with its port. Socket files, which nobody else can hold unnoticed, and what is no address are left out.</returns>
    public static IReadOnlyList<string> Read(IConfiguration settings) =>
        [.. ReadTexts(settings).Select(Parse).OfType<BindingAddress>().Select(a => $"{a.Scheme}://{a.Host}:{a.Port}")];

    // In Kestrel's order of precedence.
    private static IEnumerable<string?> ReadTexts(IConfiguration settings)
    {
        var endpoints = settings.GetSection("Kestrel:Endpoints").GetChildren().ToArray();
        if (endpoints.Length > 0)
            return endpoints.Select(endpoint => endpoint["Url"]);
        return settings["urls"] is { } urls
            ? Split(urls)
            : Split(settings["http_ports"]).Select(port => $"http://*:{port}")
                .Concat(Split(settings["https_ports"]).Select(port => $"https://*:{port}"));
    }

    private static string[] Split(string? list) =>
        list?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static BindingAddress? Parse(string? text)
    {
        try
        {
            return text is not null && BindingAddress.Parse(text.Trim()) is { IsUnixPipe: false, IsNamedPipe: false } address
                ? address
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
