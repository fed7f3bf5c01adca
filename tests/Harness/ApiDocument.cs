using System.Text.Json.Nodes;

namespace Harness;

/// <param name="Path">The template, as <c>/api/calendar/{calendarId}</c>.</param>
public sealed record ApiOperation(string Method, string Path, JsonObject Json)
{
    public string Name => $"{Method} {Path}";

    /// <summary>The codes of the problems of a status; empty when it has none.</summary>
    public IEnumerable<string> CodesOf(string status) =>
        Json["responses"]?[status]?["content"]?["application/problem+json"]?["schema"]?["allOf"]?[1]?["properties"]?["code"]?["enum"]
            is JsonArray codes ? codes.Select(code => (string)code!) : [];

    public IEnumerable<(string Status, string Code)> Problems => Responses.SelectMany(
        response => CodesOf(response.Key).Select(code => (response.Key, code)));

    public JsonObject Responses => Json["responses"]!.AsObject();

    public IEnumerable<JsonObject> Parameters => Json["parameters"]?.AsArray().Select(parameter => parameter!.AsObject()) ?? [];

    public JsonObject? Body => Json["requestBody"]?["content"]?["application/json"]?.AsObject();

    public bool Matches(string method, string path)
    {
        if (method != Method)
            return false;
        var (mine, its) = (Path.TrimEnd('/').Split('/'), path.TrimEnd('/').Split('/'));
        return mine.Length == its.Length && mine.Zip(its).All(pair => pair.First == pair.Second || pair.First.StartsWith('{'));
    }
}

/// <summary>An OpenAPI document as the program serves it.</summary>
public sealed class ApiDocument(JsonObject root)
{
    public JsonObject Root { get; } = root;

    public IReadOnlyList<ApiOperation> Operations { get; } =
    [
        .. root["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()
            .Select(operation => new ApiOperation(operation.Key.ToUpperInvariant(), path.Key, operation.Value!.AsObject()))),
    ];

    public static ApiDocument Parse(string json) => new(JsonNode.Parse(json)!.AsObject());

    /// <summary>The operation of a request; the one whose path has the fewest parameters.</summary>
    public ApiOperation? Find(string method, string path) =>
        Operations.Where(operation => operation.Matches(method, path)).MinBy(operation => operation.Path.Count(c => c == '{'));

    /// <summary>What an answer has that its operation does not declare, or has otherwise.</summary>
    public IEnumerable<string> FindFaults(
        ApiOperation operation, int status, string? mediaType, string body, IReadOnlyCollection<string> headers)
    {
        if (operation.Responses[$"{status}"] is not JsonObject response)
            return [$"{operation.Name}: {status} is not declared"];
        var named = response["headers"]?.AsObject().Select(header => header.Key) ?? [];
        var faults = headers.Except(named, StringComparer.OrdinalIgnoreCase)
            .Select(header => $"{operation.Name}: {status}: header {header} is not declared").ToList();
        if (body.Length == 0)
            return faults;
        if (response["content"]?[mediaType ?? ""] is not JsonObject media)
            return [.. faults, $"{operation.Name}: {status}: {mediaType} is not declared"];
        if (media["x-event-data"] is { } events)
            return [.. faults, .. FindStreamFaults(events, body).Select(fault => $"{operation.Name}: {fault}")];
        return mediaType!.EndsWith("json", StringComparison.Ordinal)
            ? [.. faults, .. FindFaults(media["schema"]!, JsonNode.Parse(body), "$").Select(fault => $"{operation.Name}: {status}: {fault}")]
            : faults;
    }

    /// <summary>What is wrong with a value by its schema, members that the schema does not name included.</summary>
    public IEnumerable<string> FindFaults(JsonNode schema, JsonNode? value, string path) =>
        new SchemaCheck(Root).FindFaults(schema, value, path);

    private List<string> FindStreamFaults(JsonNode events, string text)
    {
        var shapes = new SchemaCheck(Root).Resolve(events)["properties"]!.AsObject();
        var faults = new List<string>();
        var frames = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(frame => !frame.StartsWith(':')).Select(frame => frame.Split('\n')).ToArray();
        foreach (var frame in frames)
        {
            var name = frame.Single(line => line.StartsWith("event: ", StringComparison.Ordinal))[7..];
            var data = frame.Single(line => line.StartsWith("data: ", StringComparison.Ordinal))[6..];
            if (shapes[name] is { } shape)
                faults.AddRange(FindFaults(shape, JsonNode.Parse(data), name));
            else
                faults.Add($"event {name} is not declared");
        }

        if (frames.Length == 0 || !frames[^1].Contains("event: done"))
            faults.Add("the last event is not done");
        return faults;
    }
}
