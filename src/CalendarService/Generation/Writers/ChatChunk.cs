using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CalendarService.Generation.Writers;

/// <summary>
/// What one document of an answer says, whoever sent it: only the members that we need are looked at, and none of them has to be there or
/// of a certain type.
/// </summary>
/// <param name="Texts">Strings of the answer, thoughts left out.</param>
/// <param name="Finish">Why the answer ended; null while it goes on.</param>
/// <param name="IsPiece">The texts are the next ones of an answer, not all of it.</param>
/// <param name="IsAnswer">It is a piece of an answer at all, be it an empty one.</param>
internal sealed record ChatChunk(
    IReadOnlyList<JsonElement> Texts, string? Finish, bool Refused, JsonElement? Error, bool IsPiece, bool IsAnswer)
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 256, AllowTrailingCommas = true };

    /// <summary>Null for what is no JSON, even mended.</summary>
    public static JsonDocument? Parse(string latin1)
    {
        var utf8 = Encoding.Latin1.GetBytes(latin1);
        try
        {
            return JsonDocument.Parse(utf8, Deep);
        }
        catch (JsonException)
        {
            return LooseJson.Parse(Encoding.UTF8.GetString(utf8));
        }
    }

    /// <param name="messages">Whether whole messages are read: not after their text has come in pieces.</param>
    public static ChatChunk Read(JsonElement root, bool isError, bool messages)
    {
        // A list of one, as some gateways wrap an error.
        if (root.ValueKind is JsonValueKind.Array)
            root = root.EnumerateArray().FirstOrDefault(item => item.ValueKind is JsonValueKind.Object);
        if (root.ValueKind is not JsonValueKind.Object)
            return new([], null, false, isError ? root : null, false, false);

        var choice = ChoiceOf(root);
        var error = isError ? root : ErrorOf(root) ?? ErrorOf(choice) ?? ErrorOf(Member(root, "x_groq"));
        // Ollama's own format has the message beside the rest.
        var holder = choice.ValueKind is JsonValueKind.Object ? choice : root;
        var delta = Member(holder, "delta");
        var whole = Member(holder, "message");
        if (error is null && choice.ValueKind is not JsonValueKind.Object && JsonText.Member(root, "choices") is null)
            error = ComplaintOf(root, whole);
        var texts = new List<JsonElement>();
        AddTexts(Member(delta, "content"), texts);
        var isPiece = texts.Count > 0;
        if (texts.Count == 0 && messages)
            AddTexts(Member(whole, "content"), texts);
        if (texts.Count == 0)
            AddTexts(Member(choice, "text"), texts);
        var finish = FinishOf(choice) ?? (whole.ValueKind is JsonValueKind.Object ? FinishOf(root) : null);
        var refused = IsRefusal(delta) || IsRefusal(whole);
        return new(texts, finish, refused, error, isPiece, JsonText.Member(root, "choices") is not null || texts.Count > 0);
    }

    // The first choice is the answer; whoever sends several numbers them. A number that is none is no reason to lose the only one.
    private static JsonElement ChoiceOf(JsonElement root)
    {
        var choices = Member(root, "choices");
        return choices.ValueKind is JsonValueKind.Array
            ? choices.EnumerateArray().FirstOrDefault(
                choice => choice.ValueKind is JsonValueKind.Object && NumberOf(Member(choice, "index")) is null or 0)
            : choices;
    }

    private static JsonElement? ErrorOf(JsonElement holder) => Member(holder, "error") switch
    {
        { ValueKind: JsonValueKind.Object } error when error.EnumerateObject().Any() => error,
        { ValueKind: JsonValueKind.String } error when !IsBlank(error) => error,
        { ValueKind: JsonValueKind.True or JsonValueKind.Array } => holder,
        _ => null,
    };

    // An error of a server that has no "error" for it.
    private static JsonElement? ComplaintOf(JsonElement root, JsonElement message)
    {
        var says = message.ValueKind is JsonValueKind.String && !IsBlank(message);
        says |= Member(root, "msg").ValueKind is JsonValueKind.String || Member(root, "errors").ValueKind is JsonValueKind.Array;
        says |= Member(root, "detail").ValueKind is JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Object;
        return says || (message.ValueKind is JsonValueKind.Object && StringOf(root, "object") == "error") ? root : null;
    }

    private static void AddTexts(JsonElement content, List<JsonElement> texts)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.String when !IsBlank(content):
                texts.Add(content);
                break;
            case JsonValueKind.Array:
                foreach (var part in content.EnumerateArray())
                    AddTexts(part, texts);
                break;
            // A part of another type is a thought, a picture or a call of a tool.
            case JsonValueKind.Object when (StringOf(content, "type") ?? "text") is "text" or "output_text"
                && Member(content, "thought").ValueKind is not JsonValueKind.True:
                var text = Member(content, "text");
                AddTexts(text.ValueKind is JsonValueKind.Object ? Member(text, "value") : text, texts);
                break;
        }
    }

    private static string? FinishOf(JsonElement choice) =>
        (StringOf(choice, "finish_reason") ?? StringOf(choice, "done_reason"))?.Trim().ToLowerInvariant() switch
        {
            null or "" or "null" or "none" => null,
            var reason => reason,
        };

    private static bool IsRefusal(JsonElement message)
    {
        var content = Member(message, "content");
        return Member(message, "refusal") is { ValueKind: JsonValueKind.String } refusal && !IsBlank(refusal)
            || (content.ValueKind is JsonValueKind.Array
                && content.EnumerateArray().Any(part => StringOf(part, "type") == "refusal"));
    }

    private static bool IsBlank(JsonElement text) => JsonText.ReadWhole(text).Length == 0;

    private static double? NumberOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out var number) => number,
        JsonValueKind.String when double.TryParse(
            JsonText.ReadWhole(value), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    private static string? StringOf(JsonElement holder, string name) =>
        Member(holder, name) is { ValueKind: JsonValueKind.String } value ? JsonText.ReadWhole(value) : null;

    private static JsonElement Member(JsonElement holder, string name) => JsonText.Member(holder, name) ?? default;
}
