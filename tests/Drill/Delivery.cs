using System.Text.Json;
using Harness;

namespace Drill;

/// <summary>One alert of one message, as the pager, the chat or the dead man's switch gets it.</summary>
/// <param name="Receiver">The path it came to, which each receiver of the shipped alertmanager.yml has of its own.</param>
internal sealed record Delivery(
    DateTimeOffset At, string Receiver, bool Resolved, IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string,
    string> Annotations)
{
    public static IEnumerable<Delivery> In(WebhookMessage message) =>
        message.Body.GetProperty("alerts").EnumerateArray().Select(alert => new Delivery(
            message.At, message.Receiver, alert.GetProperty("status").GetString() == "resolved",
            Strings(alert.GetProperty("labels")), Strings(alert.GetProperty("annotations"))));

    private static Dictionary<string, string> Strings(JsonElement map) =>
        map.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal);
}
