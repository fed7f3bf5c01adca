using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;

namespace Gateway.Configuration;

/// <summary>A file of JSON as operators write it, with comments and trailing commas: its values, and where each of them stands.</summary>
internal sealed class ConfigJson : IDisposable
{
    private const string Whole = "valid JSON";
    private const string WrongWord = "is an invalid JSON literal.";

    private readonly JsonDocument _document;

    private ConfigJson(JsonDocument document, FindingList findings)
    {
        (_document, Findings) = (document, findings);
        Configuration = Bind(document.RootElement);
    }

    public static JsonReaderOptions ReaderOptions { get; } = new()
    {
        CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    };

    public JsonElement Root => _document.RootElement;

    /// <summary>The same as the framework reads it; of keys that stand twice, the first. Empty when the file is no object.</summary>
    public IConfiguration Configuration { get; }

    public FindingList Findings { get; }

    /// <returns>Null when nothing of it can be read, and then <paramref name="all"/> says why.</returns>
    public static ConfigJson? Read(byte[] bytes, string file, List<ConfigFinding> all)
    {
        if (JsonText.Read(bytes, file, all) is not { } text)
            return null;
        long? open = null;
        try
        {
            var places = JsonPlaces.Read(text.Bytes.Span, text.Lines, out open);
            text.ReportFaults(file, places, all);
            places.ReportRepeatedKeys(file, all);
            return new(Parse(text.Bytes), new(file, all, places));
        }
        catch (JsonException error)
        {
            text.ReportFaults(file, null, all);
            all.Add(Describe(error, text, open, file));
            return null;
        }
    }

    public void Dispose() => _document.Dispose();

    private static JsonDocument Parse(ReadOnlyMemory<byte> json) => JsonDocument.Parse(json, new JsonDocumentOptions
    {
        CommentHandling = ReaderOptions.CommentHandling,
        AllowTrailingCommas = ReaderOptions.AllowTrailingCommas,
    });

    private static ConfigFinding Describe(JsonException error, JsonText text, long? open, string file)
    {
        var at = text.Lines.OffsetOf(error.LineNumber ?? 0, error.BytePositionInLine ?? 0);
        var why = error.Message.Split(" LineNumber", 2)[0].TrimEnd('.');
        if (why.LastIndexOf(WrongWord, StringComparison.Ordinal) is > 0 and var end)
        {
            // The framework stands in the middle of the word, and quotes the whole rest of the file for it.
            why = why[(end + WrongWord.Length)..].Trim();
            at = text.StartOfWord(at);
        }

        var place = text.Lines.PlaceOf(at);
        var rest = System.Text.Encoding.UTF8.GetString(text.Bytes.Span[(int)Math.Min(at, text.Bytes.Length)..]).Trim();
        var found = rest.Length == 0 ? "the end" : rest.Split('\n')[0].TrimEnd();
        if (text.IsEmpty)
            (why, found) = ("the file is empty", "");
        else if (rest.Length == 0 && open is null)
            why = "there are only comments in the file";
        else if (rest.Length == 0 && open is { } opened)
            why = FormattableString.Invariant($"what opens in line {text.Lines.PlaceOf(opened).Line} is not closed");
        return new(
            file, "", found.Length > 40 ? found[..40] + "…" : found, $"{Whole} ({why})", FindingSeverity.Error, place.Line, place.Column);
    }

    private static IConfiguration Bind(JsonElement root)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            if (root.ValueKind == JsonValueKind.Object)
                Write(root, writer);
            else
                writer.WriteRawValue("{}");
        }

        json.Position = 0;
        return new ConfigurationBuilder().Add(new JsonStreamConfigurationSource { Stream = json }).Build();
    }

    /// <summary>
    /// The framework's reader throws at the first key that stands twice, and at one whose colons make it another's path. Both are told
    /// already: of such objects the members are put together, of other values the first is taken.
    /// </summary>
    private static void Write(IEnumerable<JsonProperty> members, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var alike in members.Where(m => !m.Name.Contains(':')).GroupBy(m => m.Name, StringComparer.OrdinalIgnoreCase))
        {
            writer.WritePropertyName(alike.Key);
            if (alike.All(m => m.Value.ValueKind == JsonValueKind.Object))
                Write(alike.SelectMany(m => m.Value.EnumerateObject()), writer);
            else
                Write(alike.First().Value, writer);
        }

        writer.WriteEndObject();
    }

    private static void Write(JsonElement value, Utf8JsonWriter writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                Write(value.EnumerateObject(), writer);
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(item, writer);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
