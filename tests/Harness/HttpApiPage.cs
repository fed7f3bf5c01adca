using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harness;

/// <summary>An OpenAPI document as <c>docs/reference/http-api.md</c> shows it to people.</summary>
public static class HttpApiPage
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(ApiDocument document)
    {
        var page = new StringBuilder();
        foreach (var operation in document.Operations.Where(operation => operation.Method != "HEAD"))
        {
            if (page.Length > 0)
                page.Append('\n');
            var head = document.Operations.Any(other => other.Method == "HEAD" && other.Path == operation.Path);
            page.Append(CultureInfo.InvariantCulture, $"### {operation.Method} {operation.Path}\n\n{operation.Json["summary"]}.");
            page.Append(head && operation.Method == "GET" ? " HEAD too.\n" : "\n");
            WriteParameters(page, operation);
            WriteBody(page, document, operation);
            WriteAnswers(page, operation);
        }

        return page.ToString();
    }

    private static void WriteParameters(StringBuilder page, ApiOperation operation)
    {
        if (!operation.Parameters.Any())
            return;
        page.Append("\n| parameter | in | is |\n| --- | --- | --- |\n");
        foreach (var parameter in operation.Parameters)
        {
            var needed = (bool?)parameter["required"] == true && (string?)parameter["in"] != "path" ? "Needed. " : "";
            page.Append(CultureInfo.InvariantCulture, $"| `{parameter["name"]}` | {parameter["in"]} | {needed}{Cell((string?)parameter["description"])} |\n");
        }
    }

    private static void WriteBody(StringBuilder page, ApiDocument document, ApiOperation operation)
    {
        if (operation.Body is not { } body)
            return;
        var types = operation.Json["requestBody"]!["content"]!.AsObject().Select(content => $"`{content.Key}`");
        page.Append(CultureInfo.InvariantCulture, $"\nBody, {string.Join(" or ", types)}:\n\n{Example(body)}");
        page.Append("\n| field | type | is |\n| --- | --- | --- |\n");
        WriteFields(page, new SchemaCheck(document.Root), body["schema"]!, "");
    }

    private static void WriteFields(StringBuilder page, SchemaCheck schemas, JsonNode schema, string path)
    {
        var shape = schemas.Resolve(schema);
        var needed = shape["required"]?.AsArray().Select(name => (string)name!).ToArray() ?? [];
        foreach (var (name, field) in shape["properties"]!.AsObject())
        {
            var words = string.Join("; ", new[] { Limits(field!), (string?)field!["description"] }.OfType<string>());
            page.Append(
                CultureInfo.InvariantCulture,
                $"| `{path}{name}` | {TypeOf(field)} | {Cell($"{(needed.Contains(name) ? "Needed. " : "")}{words}".Trim())} |\n");
            if (field["items"] is { } item && item["$ref"] is not null)
                WriteFields(page, schemas, item, $"{path}{name}[].");
        }
    }

    private static void WriteAnswers(StringBuilder page, ApiOperation operation)
    {
        var common = operation.Responses.Select(response => NamesOfHeaders(response.Value!)).Aggregate((all, some) => all.Intersect(some))
            .ToArray();
        if (common.Length > 0)
            page.Append(CultureInfo.InvariantCulture, $"\nAny answer may have {List(common)}.\n");
        page.Append("\n| status | answer | headers |\n| --- | --- | --- |\n");
        foreach (var (status, response) in operation.Responses)
        {
            var codes = string.Join(", ", operation.CodesOf(status).Select(code => $"`{code}`"));
            var types = response!["content"]?.AsObject().Select(content => content.Key).Where(type => type != "application/problem+json") ?? [];
            var words = types.Any() || codes.Length == 0
                ? $"{response["description"]} {string.Join(", ", types.Select(type => $"`{type}`"))}".TrimEnd() : "";
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {status} | {Cell($"{words} {codes}".Trim())} | {List(NamesOfHeaders(response).Except(common))} |\n");
        }

        foreach (var (status, response) in operation.Responses)
        {
            foreach (var (type, media) in response!["content"]?.AsObject() ?? [])
            {
                if (media!["example"] is not null)
                    page.Append(CultureInfo.InvariantCulture, $"\n{status}, `{type}`:\n\n{Example(media.AsObject())}");
            }
        }
    }

    private static string TypeOf(JsonNode field)
    {
        var types = (field["type"] is JsonArray some ? some.Select(type => (string?)type) : [(string?)field["type"]])
            .Where(type => type != "null");
        return (string?)field["format"] is "date" or "date-time" ? (string)field["format"]!
            : types.First() == "array" ? $"array of {(field["items"]!["$ref"] is null ? TypeOf(field["items"]!) : "objects")}"
            : types.First() ?? "object";
    }

    private static string? Limits(JsonNode field) =>
        field["enum"] is JsonArray values ? string.Join(", ", values.Where(value => value is not null).Select(value => $"`{value}`"))
        : field["maximum"] is { } most ? $"{field["minimum"]} to {most}"
        : field["maxItems"] is { } items ? $"{field["minItems"] ?? 0} to {items} of them"
        : null;

    private static IEnumerable<string> NamesOfHeaders(JsonNode response) =>
        response["headers"]?.AsObject().Select(header => header.Key).Where(name => name != "X-Request-Id") ?? [];

    private static string List(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"`{name}`"));

    private static string Example(JsonObject media)
    {
        if (media["example"] is not { } example)
            return "";
        var text = example.GetValueKind() == JsonValueKind.String ? (string)example! : example.ToJsonString(Readable);
        var language = example.GetValueKind() == JsonValueKind.String ? "text" : "json";
        return $"```{language}\n{text.ReplaceLineEndings("\n").TrimEnd('\n')}\n```\n";
    }

    private static string Cell(string? text) => (text ?? "").Replace("|", "\\|", StringComparison.Ordinal);
}
