using System.Globalization;
using System.Text.Json;

namespace CalendarService.Generation.Writers;

/// <summary>
/// What an endpoint says about an error, for us to compare and for nobody to read: it may hold the prompt and parts of the key.
/// </summary>
/// <param name="Words">Everything said, in lower case.</param>
/// <param name="Status">An HTTP status in it; 0 for none.</param>
/// <param name="RetryAfter">As the body has it.</param>
internal sealed record ChatComplaint(string Words, int Status, TimeSpan? RetryAfter)
{
    public static readonly ChatComplaint None = new("", 0, null);

    // What these hold is ours, sent back.
    private static readonly HashSet<string> Echoes = new(
        ["input", "prompt", "messages", "body", "content", "request_id", "ctx"], StringComparer.OrdinalIgnoreCase);

    public static ChatComplaint Read(JsonElement error)
    {
        var (words, status, retryAfter) = (new List<string>(), 0, (TimeSpan?)null);
        Gather("", error);
        return new(string.Join('\n', words).ToLowerInvariant(), status, retryAfter);

        void Gather(string name, JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var member in value.EnumerateObject())
                    {
                        var inner = JsonText.NameOf(member);
                        if (!Echoes.Contains(inner))
                            Gather(inner, member.Value);
                    }

                    break;
                case JsonValueKind.Array:
                    foreach (var item in value.EnumerateArray())
                        Gather(name, item);
                    break;
                case JsonValueKind.String:
                    Note(name, JsonText.ReadWhole(value));
                    break;
                case JsonValueKind.Number:
                    Note(name, value.GetRawText());
                    break;
            }
        }

        void Note(string name, string text)
        {
            words.Add(text);
            if (name is "code" or "status" or "status_code" && int.TryParse(text, out var number) && number is >= 400 and < 600)
                status = number;
            if (name == "retryDelay")
                retryAfter = Seconds(text.TrimEnd('s'));
        }
    }

    /// <summary>Null for what is none, or not a time to wait.</summary>
    public static TimeSpan? Seconds(string text, double unit = 1) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number * unit is >= 0 and < 1e9
            ? TimeSpan.FromSeconds(number * unit)
            : null;

    public bool Says(params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (Words.Contains(word, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
