using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harness.Fixtures;

/// <summary>
/// Whether a gateway with this configuration could send anything to somebody who is not of the test: every address in it has to be
/// loopback, on a port that a test opened. Names below <c>.test</c> and <c>.invalid</c> belong to nobody (RFC 6761).
/// </summary>
public static class OwnAddresses
{
    private static readonly JsonDocumentOptions Relaxed = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <exception cref="InvalidOperationException">Names the first address that is somebody else's, and where it stands.</exception>
    public static void Check(string config)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(config, null, Relaxed);
        }
        catch (JsonException)
        {
            return; // Broken on purpose: no gateway reads an address out of it.
        }

        Check(root, "");
    }

    private static void Check(JsonNode? node, string path)
    {
        switch (node)
        {
            // The origins of pages are compared, a schema is for editors: neither is ever asked.
            case JsonObject members:
                foreach (var (name, value) in members.Where(m =>
                    !m.Key.Equals("Cors", StringComparison.OrdinalIgnoreCase) && !m.Key.Equals("$schema", StringComparison.Ordinal)))
                    Check(value, $"{path}:{name}");
                break;
            case JsonArray items:
                foreach (var item in items)
                    Check(item, path);
                break;
            case JsonValue value when value.TryGetValue(out string? text) && !IsOwn(text):
                throw new InvalidOperationException(
                    $"{path.TrimStart(':')} is {text}, which no test opened. Nothing was written and nothing is sent there.");
        }
    }

    private static bool IsOwn(string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal) || !Uri.TryCreate(text.Trim(), UriKind.Absolute, out var address))
            return true; // No address, or none that anybody could be asked at.
        return address.Host.EndsWith(".test", StringComparison.Ordinal) || address.Host.EndsWith(".invalid", StringComparison.Ordinal)
            || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip) && OwnPorts.Has(address.Port));
    }
}
