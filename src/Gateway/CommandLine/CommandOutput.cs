using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ServiceDefaults.Logging;

namespace Gateway.CommandLine;

/// <summary>What every command shares: <c>--json</c>, and one way to write it.</summary>
internal static class CommandOutput
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public const string JsonName = "--json";

    public static Option<bool> JsonOption() => new(JsonName) { Description = "Write JSON instead of text." };

    public static string ToJson(object value) => TerminalCharacters.Escape(JsonSerializer.Serialize(value, Json));

    public static void WriteJson(this ParseResult result, object value) => result.InvocationConfiguration.Output.WriteLine(ToJson(value));

    public static JsonNode ToNode(object value) => JsonSerializer.SerializeToNode(value, Json)!;

    public static T Read<T>(JsonNode node) => node.Deserialize<T>(Json)!;

    public static JsonNode? TryParse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static JsonObject Prepend(string name, object value, JsonObject to)
    {
        to.Insert(0, name, ToNode(value));
        return to;
    }

    /// <summary>A line repeats what stands in files, logs and answers, and is read on a terminal.</summary>
    public static void WriteText(this ParseResult result, string line) =>
        result.InvocationConfiguration.Output.WriteLine(TerminalCharacters.Escape(line));
}
